import { chmod, cp, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ErrorCode } from '../../../engine/errors';
import { readConfig } from '../../../engine/model/config';
import { modelFileError } from '../../../engine/model/files';
import { loadTokenizer } from '../../../engine/model/tokenizer';
import { openWeights } from '../../../engine/model/weights';
import { defaultModel } from '../../support/defaultModel';
import { temporaryFolder } from '../../support/folder';
import { writeTinyModel } from '../../support/tinyModel';

const path = temporaryFolder();
let folders = 0;
const weightsFile = 'model.safetensors';
const indexFile = 'model.safetensors.index.json';

beforeAll(async () => {
  await writeTinyModel(path('good'), { architecture: 'llama', seed: 1 });
  await writeTinyModel(path('sharded'), { architecture: 'llama', seed: 1, shards: 2 });
});

async function copy(source: 'good' | 'sharded'): Promise<string> {
  const dir = path(`copy-${folders++}`);
  await cp(path(source), dir, { recursive: true });
  return dir;
}

/** Everything that is read of a model folder before it runs. */
async function load(dir: string): Promise<void> {
  const config = await readConfig(dir);
  await loadTokenizer(dir, config);
  const weights = await openWeights(dir, config);
  try {
    await weights.read('model.norm.weight');
  } finally {
    await weights.close();
  }
}

async function expectFailure(dir: string, code: ErrorCode, ...parts: RegExp[]) {
  const error: unknown = await load(dir).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'SlipstreamError', code });
  const { message } = error as Error;
  // What failed, why, and what to do; on one line.
  expect(message).toMatch(/^Cannot load the model\b[^\n]* because [^\n]+; [^\n]+\.$/);
  for (const part of [new RegExp(dir), ...parts]) expect(message).toMatch(part);
}

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>;

/** Rewrites the header of a weights file; the tensors' bytes stay. */
async function editHeader(dir: string, edit: (header: Header) => unknown, file = weightsFile): Promise<void> {
  const bytes = await readFile(join(dir, file));
  const end = 8 + Number(bytes.readBigUInt64LE());
  const header: Header = JSON.parse(bytes.subarray(8, end).toString('utf8'));
  const result = edit(header);
  const text = Buffer.from(typeof result === 'string' ? result : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  await writeFile(join(dir, file), Buffer.concat([length, text, bytes.subarray(end)]));
}

const norm = 'model.norm.weight';
function entry(header: Header, name: string) {
  const found = header[name];
  if (found === undefined) throw new Error(`no tensor ${name}`);
  return found;
}

test('the unharmed folders load', async () => {
  await load(await copy('good'));
  await load(await copy('sharded'));
});

describe('missing files', () => {
  test.each(['config.json', 'tokenizer.json', weightsFile])('%s', async (file) => {
    const dir = await copy('good');
    await rm(join(dir, file));
    await expectFailure(dir, 'model-missing', file === weightsFile ? /\.safetensors/ : new RegExp(file));
  });
  test('the whole folder', () => expectFailure(path('nowhere'), 'model-missing', /config\.json/));
  test('a shard', async () => {
    const dir = await copy('sharded');
    await rm(join(dir, 'model-00002-of-00002.safetensors'));
    await expectFailure(dir, 'model-missing', /model-00002-of-00002/);
  });
  test('the index of several shards', async () => {
    const dir = await copy('sharded');
    await rm(join(dir, indexFile));
    await expectFailure(dir, 'model-missing', /index\.json/);
  });
  test('weights in another format only', async () => {
    const dir = await copy('good');
    await rm(join(dir, weightsFile));
    await writeFile(join(dir, 'pytorch_model.bin'), '');
    await expectFailure(dir, 'model-unsupported', /pytorch_model\.bin.*safetensors/);
  });
});

describe('damaged weights', () => {
  test.each([0, 5, 8, 200, 20_000, -1])('cut to %i bytes', async (size) => {
    const dir = await copy('good');
    const whole = (await readFile(join(dir, weightsFile))).length;
    await truncate(join(dir, weightsFile), size < 0 ? whole + size : size);
    await expectFailure(dir, 'model-corrupt', /truncated/, new RegExp(weightsFile));
  });

  test.each<[string, (header: Header) => unknown, RegExp]>([
    ['a header that is no JSON', () => '{"model', /not valid JSON/],
    ['a header that is a list', () => '[]', /JSON object/],
    [
      'a tensor without a type',
      (header) => delete (entry(header, norm) as { dtype?: string }).dtype,
      /dtype/,
    ],
    ['a negative size', (header) => (entry(header, norm).shape = [-64]), /shape/],
    ['a shape that the bytes do not fill', (header) => (entry(header, norm).shape = [65]), /needs 260/],
    ['offsets the wrong way round', (header) => entry(header, norm).data_offsets.reverse(), /offsets/],
    [
      'offsets beyond the file',
      (header) => {
        const { data_offsets } = entry(header, norm);
        entry(header, norm).data_offsets = data_offsets.map((offset) => offset + 1e9);
      },
      /hole/,
    ],
    [
      'overlapping tensors',
      (header) => {
        entry(header, norm).data_offsets = [0, 256];
      },
      /overlap/,
    ],
  ])('%s', async (_, edit, message) => {
    const dir = await copy('good');
    await editHeader(dir, edit);
    await expectFailure(dir, 'model-corrupt', message, /model\.norm\.weight|header|JSON|overlap/);
  });

  test('an absurd header length', async () => {
    const dir = await copy('good');
    await writeFile(join(dir, weightsFile), Buffer.alloc(64, 0xff));
    await expectFailure(dir, 'model-corrupt', /header/);
  });
  test.each([Number.NaN, Number.POSITIVE_INFINITY])('a weight of %d', async (value) => {
    const dir = await copy('good');
    const bytes = await readFile(join(dir, weightsFile));
    const header: Header = JSON.parse(
      bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString('utf8'),
    );
    const start = 8 + Number(bytes.readBigUInt64LE()) + (entry(header, norm).data_offsets[0] ?? 0);
    bytes.writeFloatLE(value, start + 20);
    await writeFile(join(dir, weightsFile), bytes);
    await expectFailure(dir, 'model-corrupt', /model\.norm\.weight that are no finite numbers/);
  });
  test('something after the last tensor', async () => {
    const dir = await copy('good');
    await writeFile(join(dir, weightsFile), 'more', { flag: 'a' });
    await expectFailure(dir, 'model-corrupt', /4 bytes after/);
  });
  test.each<[string, unknown]>([
    ['leads out of the folder', { weight_map: { [norm]: '../model.safetensors' } }],
    ['is empty', {}],
    ['places a tensor where it is not', { weight_map: { absent: 'model-00001-of-00002.safetensors' } }],
  ])('an index that %s', async (_, index) => {
    const dir = await copy('sharded');
    await writeFile(join(dir, indexFile), JSON.stringify(index));
    await expectFailure(dir, 'model-corrupt');
  });
});

describe('files of different models', () => {
  test('another shape', async () => {
    const dir = await copy('good');
    await editConfig(dir, { intermediate_size: 256 });
    await expectFailure(dir, 'model-mismatch', /mlp\.gate_proj\.weight.*\[256, 64\].*\[128, 64\]/);
  });
  test('a layer too many', async () => {
    const dir = await copy('good');
    await editConfig(dir, { num_hidden_layers: 3 });
    await expectFailure(dir, 'model-mismatch', /model\.layers\.2\.input_layernorm\.weight \[64\]/);
  });
  test('a layer too few', async () => {
    const dir = await copy('good');
    await editConfig(dir, { num_hidden_layers: 1 });
    await expectFailure(dir, 'model-mismatch', /num_hidden_layers = 1 .*model\.layers\.1\./);
  });
  test('a tokenizer without the end of text', async () => {
    const dir = await copy('good');
    await editConfig(dir, { eos_token_id: 319 });
    await expectFailure(dir, 'model-mismatch', /eos_token_id = 319/);
  });
  test('a tokenizer with more tokens than the model', async () => {
    const dir = await copy('good');
    await cp(join(defaultModel, 'tokenizer.json'), join(dir, 'tokenizer.json'));
    await expectFailure(dir, 'model-mismatch', /8191.*320/);
  });
  test('another number format', async () => {
    const dir = await copy('good');
    await editHeader(dir, (header) => {
      entry(header, norm).dtype = 'I32';
    });
    await expectFailure(dir, 'model-unsupported', /model\.norm\.weight as I32.*F32, F16 and BF16/);
  });
});

async function editConfig(dir: string, change: object): Promise<void> {
  const file = join(dir, 'config.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...change }));
}

describe('files that cannot be read', () => {
  // The superuser may read everything, so for him the errors are made by hand below.
  test
    .skipIf(process.getuid?.() === 0 || process.platform === 'win32')
    .each(['config.json', 'tokenizer.json', weightsFile])('%s without read permission', async (file) => {
    const dir = await copy('good');
    await chmod(join(dir, file), 0);
    await expectFailure(dir, 'model-unreadable', new RegExp(file), /permission/);
  });

  test('a refusal by the system says which file and what to do', () => {
    const refused = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    expect(modelFileError('/models/a/config.json', refused)).toMatchObject({
      code: 'model-unreadable',
      message: expect.stringMatching(/may not read config\.json in \/models\/a; grant read permission/),
    });
  });

  test.each(['config.json', 'tokenizer.json', weightsFile])('a folder in place of %s', async (file) => {
    const dir = await copy('good');
    await rm(join(dir, file));
    await mkdir(join(dir, file));
    await expectFailure(dir, 'model-unreadable', new RegExp(file));
  });
});
