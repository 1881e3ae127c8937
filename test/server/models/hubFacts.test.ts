import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fimFamilies } from '../../../engine/model/fimFamilies';
import { hubAccess } from '../../../server/models/access';
import { curatedModel, curatedModels, targetOf } from '../../../server/models/curated';
import { fileAddress, type ModelInfo, type RemoteFile } from '../../../server/models/hub';
import { checkRepository, checkRevision, folderName } from '../../../server/models/names';
import { neededFiles } from '../../../server/models/neededFiles';
import { progressOf } from '../../../server/models/progress';
import { sizeText } from '../../../server/models/sizes';
import { defaultSettings } from '../../../server/protocol';

describe('the hub that is asked', () => {
  const { hub } = defaultSettings;

  it('is the public one, that of the environment, or that of the setting, which wins', () => {
    expect(hubAccess(hub, {})).toEqual({
      endpoint: 'https://huggingface.co',
      token: undefined,
      proxy: undefined,
      offline: false,
    });
    const environment = {
      HF_ENDPOINT: 'https://mirror.example/hf/',
      HF_TOKEN: ' hf_x\n',
      HF_HUB_OFFLINE: '1',
    };
    expect(hubAccess(hub, environment)).toMatchObject({
      endpoint: 'https://mirror.example/hf',
      token: 'hf_x',
      offline: true,
    });
    const settings = { ...hub, endpoint: 'http://127.0.0.1:8080', proxy: 'http://own:1' };
    expect(hubAccess(settings, environment, 'http://editor:2')).toMatchObject({
      endpoint: 'http://127.0.0.1:8080',
      proxy: 'http://own:1',
    });
    expect(hubAccess(hub, {}, 'http://editor:2').proxy).toBe('http://editor:2');
  });

  it('must have an address', () => {
    for (const endpoint of ['huggingface.co', 'ftp://hub', 'file:///etc'])
      expect(() => hubAccess({ ...hub, endpoint }, {})).toThrow(/is not an address with https:\/\/.*correct/);
    expect(() => hubAccess({ ...hub, proxy: 'proxy:3128' }, {})).toThrow(/address of the proxy/);
    const forgotten = { ...hub, proxy: 'alice:secret@proxy:3128' };
    expect(() => hubAccess(forgotten, {})).toThrow(/"proxy:3128", is not an address/);
  });
});

describe('names', () => {
  it('that could lead to another place on disk or on the hub are refused', () => {
    for (const name of [
      '',
      '..',
      'a/../b',
      'a/b/c',
      '/etc',
      'a/',
      'a b/c',
      'a/b?x',
      '%2e%2e/a',
      'C:\\x',
      '.hidden/x',
    ])
      expect(() => checkRepository(name), name).toThrow(/not the name of a model/);
    for (const revision of ['', '../main', '-x', 'a b', 'x?y'])
      expect(() => checkRevision(revision)).toThrow();
    expect(checkRevision('refs/pr/1')).toBe('refs/pr/1');
  });

  it('make a folder name without a separator, whatever is accepted', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (owner, name) => {
        let repository: string;
        try {
          repository = checkRepository(`${owner}/${name}`);
        } catch {
          return;
        }
        expect(folderName(repository)).toMatch(/^[\w.-]+$/);
      }),
      { examples: [['Qwen', 'Qwen2.5-Coder-0.5B']] },
    );
  });

  it('of files are escaped in addresses', () => {
    const info = { repository: 'a/b', commit: 'c1' } as ModelInfo;
    expect(fileAddress('http://hub', info, 'x?y#z.json')).toBe('http://hub/a/b/resolve/c1/x%3Fy%23z.json');
  });
});

describe('the files of a model', () => {
  const file = (name: string): RemoteFile => ({ name, size: 1, sha256: undefined, blobSha1: undefined });
  const neededOf = (...names: string[]) =>
    neededFiles({ repository: 'a/b', files: names.map(file) } as unknown as ModelInfo).map(
      ({ name }) => name,
    );

  it('are those that the engine reads, whatever else there is, configuration first and weights last', () => {
    const others = [
      'pytorch_model.bin',
      'onnx/model.onnx',
      'consolidated.safetensors',
      '.gitattributes',
      'vocab.json',
    ];
    expect(neededOf(...others, 'model.safetensors', 'README.md', 'tokenizer.json', 'config.json')).toEqual([
      'config.json',
      'tokenizer.json',
      'README.md',
      'model.safetensors',
    ]);
  });

  it('are the shards with their index where there is no single file', () => {
    const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
    const index = 'model.safetensors.index.json';
    expect(neededOf('config.json', 'tokenizer.json', ...shards, index, 'adapter.safetensors')).toEqual([
      'config.json',
      'tokenizer.json',
      index,
      ...shards,
    ]);
  });

  it('in folders below are none of it', () => {
    expect(() => neededOf('config.json', 'tokenizer.json', 'fp16/model.safetensors')).toThrow(/no weights/);
    expect(() => neededOf('sub/config.json', 'tokenizer.json', 'model.safetensors')).toThrow(
      /no config.json/,
    );
  });
});

describe('the curated models', () => {
  it('fill in the middle in a way that the engine knows', () => {
    const families = fimFamilies.map(({ family }) => family as string);
    for (const { fim } of curatedModels) expect(families).toContain(fim);
  });

  it('can be called by their short name or their repository', () => {
    for (const { name, repository } of curatedModels) {
      expect(checkRepository(repository)).toBe(repository);
      expect(targetOf(name).repository).toBe(repository);
      expect(curatedModel(repository.toUpperCase())?.name).toBe(name);
    }
    expect(targetOf('somebody/else')).toEqual({ repository: 'somebody/else', revision: 'main' });
    expect(targetOf('deepseek-coder-1.3b').revision).toBe('refs/pr/3');
    expect(targetOf('deepseek-coder-1.3b', 'v2').revision).toBe('v2');
  });

  it('take less memory at int4 than at int8, and at int8 about a byte for each weight', () => {
    for (const { memory, parameters } of curatedModels) {
      expect(memory.int4).toBeLessThan(memory.int8);
      expect(memory.int8 / parameters).toBeGreaterThan(0.98);
      expect(memory.int8 / parameters).toBeLessThan(1.3);
    }
  });
});

describe('what people read', () => {
  it('has sizes as disks count', () => {
    expect([0, 999, 1_000, 988_097_824, 3_087_467_144, 12_345_678_901].map(sizeText)).toEqual([
      '0 bytes',
      '999 bytes',
      '1.00 KB',
      '988 MB',
      '3.09 GB',
      '12.3 GB',
    ]);
  });

  it('tells progress some times a second, with the speed, and the end always', () => {
    let time = 0;
    const told: string[] = [];
    const onBytes = progressOf(
      (message, percentage) => told.push(`${percentage} % ${message}`),
      () => time,
    );
    for (let bytes = 10_000_000; bytes <= 100_000_000; bytes += 1_000_000) {
      onBytes(bytes, 100_000_000);
      time += 100;
    }
    expect(told.length).toBeLessThan(35);
    expect(told[0]).toBe('10 % 10.0 MB of 100 MB');
    expect(told.at(-1)).toBe('100 % 100 MB of 100 MB, 10.0 MB/s');
  });
});
