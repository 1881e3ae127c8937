import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type HubAccess, hubAccess } from '../../../server/models/access';
import { modelFolder, stagingOf, wrongFiles } from '../../../server/models/downloaded';
import { downloadModel, type OnBytes, planDownload } from '../../../server/models/downloadModel';
import { openHub } from '../../../server/models/http';
import { defaultSettings } from '../../../server/protocol';
import { type FakeHub, startHub, startProxy } from '../../support/hub';
import { seededRandom } from '../../support/random';
import { writeTinyModel } from '../../support/tinyModel';

const repository = 'tiny/model';
const weights = 'model.safetensors';
const waits = [1, 1, 1];
let scratch: string;
let files: Map<string, Buffer>;
let hub: FakeHub;

beforeEach(async () => {
  scratch = mkdtempSync(path.join(tmpdir(), 'slipstream-hub-'));
  vi.stubEnv('SLIPSTREAM_DATA_DIR', path.join(scratch, 'data'));
  for (const name of [
    'HF_TOKEN',
    'HF_ENDPOINT',
    'HF_HUB_OFFLINE',
    'HTTPS_PROXY',
    'HTTP_PROXY',
    'https_proxy',
    'http_proxy',
  ])
    vi.stubEnv(name, '');
  files ??= await modelFiles();
  hub = await startHub(repository, files);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.stop();
  rmSync(scratch, { recursive: true, force: true });
});

/** A model that loads, with weights large enough to come in several pieces, and files that nobody needs. */
async function modelFiles(): Promise<Map<string, Buffer>> {
  const folder = path.join(scratch, 'source');
  await writeTinyModel(folder, { architecture: 'qwen2', seed: 1, hidden: 128, intermediate: 512 });
  const read = readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name))] as const);
  const random = seededRandom(1);
  const useless = Buffer.from(Array.from({ length: 1000 }, () => Math.floor(random() * 256)));
  return new Map([
    ...read,
    ['pytorch_model.bin', useless],
    ['onnx/model.onnx', useless],
    ['README.md', Buffer.from('# Tiny\n')],
  ]);
}

interface Options {
  readonly revision?: string;
  readonly signal?: AbortSignal;
  readonly onBytes?: OnBytes;
  readonly access?: Partial<HubAccess>;
  readonly free?: number;
}

async function download({ revision = 'main', signal, onBytes, access, free }: Options = {}): Promise<string> {
  const aborts = signal ?? new AbortController().signal;
  const surroundings = { waits, ...(free === undefined ? {} : { free: async () => free }) };
  const client = await openHub({
    ...hubAccess({ ...defaultSettings.hub, endpoint: hub.endpoint }),
    ...access,
  });
  try {
    const plan = await planDownload(client, { repository, revision }, aborts, surroundings);
    return await downloadModel(client, plan, onBytes ?? (() => {}), aborts, surroundings);
  } finally {
    await client.close();
  }
}

const staged = (name: string) => path.join(stagingOf(modelFolder(repository)), name);
const rangesOf = (name: string) =>
  hub.requests.filter(({ url }) => url.endsWith(`/${name}`)).map(({ range }) => range);
const whole = () => files.get(weights) as Buffer;

function expectWhole(folder: string): void {
  const names = ['README.md', 'config.json', 'model.safetensors', 'tokenizer.json'];
  for (const name of names)
    expect(readFileSync(path.join(folder, name)).equals(files.get(name) as Buffer)).toBe(true);
  const others = readdirSync(folder).filter((name) => !names.includes(name));
  expect(others.sort().filter((name) => !files.has(name))).toEqual(['slipstream-download.json']);
  expect(others).not.toContain('pytorch_model.bin');
  expect(readdirSync(path.dirname(folder))).toEqual([path.basename(folder)]);
}

/** Sends so many bytes of the weights and drops the connection. */
function breakOff(response: ServerResponse, from: number, bytes: number): true {
  const headers = { 'content-length': whole().length - from };
  const range = { 'content-range': `bytes ${from}-${whole().length - 1}/${whole().length}` };
  response.writeHead(from > 0 ? 206 : 200, from > 0 ? { ...headers, ...range } : headers);
  response.write(whole().subarray(from, from + bytes), () => setTimeout(() => response.destroy(), 20));
  return true;
}

const onWeights =
  (mischief: NonNullable<FakeHub['mischief']>): FakeHub['mischief'] =>
  (request, response, times) =>
    (request.url?.endsWith(weights) ?? false) && mischief(request, response, times);

describe('a download', () => {
  it('brings the files that the engine reads, whole and checked, and tells how far it is', async () => {
    const told: number[] = [];
    const folder = await download({ onBytes: (bytes, of) => told.push(bytes / of) });
    expect(folder).toBe(path.join(scratch, 'data', 'models', 'tiny--model'));
    expectWhole(folder);
    expect(await wrongFiles(folder)).toEqual([]);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
    for (const { url } of hub.requests.slice(1)) expect(url).toContain(`/resolve/${hub.commit}/`);
  });

  it('is of the commit that a revision was, and one that is here is not downloaded again', async () => {
    await download({ revision: 'v1' });
    const before = hub.requests.length;
    await download();
    expect(hub.requests.length).toBe(before + 1);
    expect(hub.requests[0]?.url).toBe(`/api/models/${repository}/revision/v1?blobs=true`);
    await expect(download({ revision: 'v2' })).rejects.toThrow(
      /does not have it \(404\); check the name and the revision/,
    );
    await expect(download({ revision: '../../x' })).rejects.toThrow(/not a revision/);
  });

  it('replaces an older version once the newer one is whole', async () => {
    const folder = await download();
    (hub as { commit: string }).commit = 'f'.repeat(40);
    hub.files.set('README.md', Buffer.from('# Newer\n'));
    await download();
    expect(readFileSync(path.join(folder, 'README.md'), 'utf8')).toBe('# Newer\n');
    expect(readdirSync(path.dirname(folder))).toEqual(['tiny--model']);
  });

  it('follows redirects to where files are stored, and keeps the token from there', async () => {
    const store = await startHub(repository, files);
    try {
      hub.storage = store.endpoint;
      expectWhole(await download({ access: { token: 'hf_secret' } }));
      expect(hub.requests.map(({ authorization }) => authorization)).toEqual(
        hub.requests.map(() => 'Bearer hf_secret'),
      );
      expect(store.requests).toHaveLength(1);
      expect(store.requests[0]?.authorization).toBeUndefined();
    } finally {
      await store.stop();
    }
  });

  it('gives up on redirects without an end', async () => {
    hub.mischief = onWeights((request, response) => {
      response.writeHead(302, { location: request.url ?? '' }).end();
      return true;
    });
    await expect(download()).rejects.toThrow(/redirects more than 5 times/);
  });
});

describe('a connection that breaks', () => {
  it('is made again, and the file goes on from where it was', async () => {
    hub.mischief = onWeights((_, response, times) => times === 0 && breakOff(response, 0, 40_000));
    expectWhole(await download());
    expect(rangesOf(weights)).toEqual([undefined, 'bytes=40000-']);
  });

  it('does not count as long as each try gets further, however often it breaks', async () => {
    const piece = Math.ceil(whole().length / 10);
    hub.mischief = onWeights((_, response, times) => times < 9 && breakOff(response, times * piece, piece));
    expectWhole(await download());
    expect(rangesOf(weights)).toHaveLength(10);
  });

  it('is told when it gets no further, and the next download goes on', async () => {
    hub.mischief = onWeights((_, response, times) =>
      breakOff(response, times === 0 ? 0 : 40_000, times === 0 ? 40_000 : 0),
    );
    await expect(download()).rejects.toThrow(
      /connection .*what has been downloaded is kept|broke off because/,
    );
    expect(rangesOf(weights)).toHaveLength(1 + waits.length);
    expect(existsSync(modelFolder(repository))).toBe(false);
    expect(statSync(staged(`${weights}.partial`)).size).toBe(40_000);

    hub.mischief = undefined;
    hub.requests.length = 0;
    expectWhole(await download());
    expect(rangesOf(weights)).toEqual(['bytes=40000-']);
    expect(rangesOf('config.json')).toEqual([]);
  });

  it('starts over where the server has no ranges', async () => {
    hub.hasRanges = false;
    hub.mischief = onWeights((_, response, times) => times === 0 && breakOff(response, 0, 40_000));
    expectWhole(await download());
    expect(rangesOf(weights)).toEqual([undefined, 'bytes=40000-']);
  });

  it('starts over where another part comes than was asked for', async () => {
    hub.mischief = onWeights((_, response, times) =>
      times === 0 ? breakOff(response, 0, 40_000) : times === 1 && breakOff(response, 7, 100),
    );
    expectWhole(await download());
    expect(rangesOf(weights)).toEqual([undefined, 'bytes=40000-', undefined]);
  });
});

describe('content that is not what the hub promises', () => {
  it('is thrown away with a sentence about its checksum', async () => {
    const wrong = Buffer.from(whole());
    wrong[12_345] = (wrong[12_345] ?? 0) ^ 1;
    hub.sent.set(weights, wrong);
    await expect(download()).rejects.toMatchObject({
      code: 'download-corrupt',
      message: /wrong checksum.*try again/,
    });
    expect(existsSync(modelFolder(repository))).toBe(false);
    expect(existsSync(staged(weights))).toBe(false);
    expect(existsSync(staged(`${weights}.partial`))).toBe(false);
  });

  it('is noticed in small files as well', async () => {
    const tokenizer = files.get('tokenizer.json')?.toString().replace('"0"', '"1"') ?? '';
    hub.sent.set('tokenizer.json', Buffer.from(tokenizer));
    await expect(download()).rejects.toThrow(/tokenizer.json of tiny\/model .*wrong checksum/);
  });

  it('is downloaded anew where the beginning that was left is wrong', async () => {
    hub.mischief = onWeights((_, response) => breakOff(response, 0, 40_000));
    await expect(download({ signal: AbortSignal.timeout(300) })).rejects.toThrow();
    writeFileSync(staged(`${weights}.partial`), Buffer.alloc(30_000, 7));
    hub.mischief = undefined;
    hub.requests.length = 0;
    expectWhole(await download());
    expect(rangesOf(weights)).toEqual(['bytes=30000-', undefined]);
  });

  it('is refused at once where it is a web page, by its type or its first bytes', async () => {
    const page = '<!DOCTYPE html><html><body>Please log in</body></html>';
    for (const type of ['text/html; charset=utf-8', 'application/octet-stream']) {
      hub.mischief = onWeights((_, response) => {
        response.writeHead(200, { 'content-type': type }).end(page);
        return true;
      });
      await expect(download()).rejects.toThrow(/sent a web page in its place.*try again/);
      expect(existsSync(staged(weights))).toBe(false);
    }
  });

  it('is refused where the description of the model is a web page', async () => {
    hub.mischief = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>login</html>');
      return true;
    };
    await expect(download()).rejects.toThrow(/answers with a web page that is not a model hub's description/);
  });

  it('is refused where more comes than the file has', async () => {
    hub.sent.set(weights, Buffer.concat([whole(), Buffer.from('more')]));
    await expect(download()).rejects.toThrow(/more came than its \d+ bytes/);
  });
});

describe('a hub that refuses', () => {
  const answer = (status: number, headers = {}) => {
    hub.mischief = (_, response) => {
      response.writeHead(status, headers).end('{"error":"no"}');
      return true;
    };
  };

  it.each([
    [401, /wants to know who asks \(401\).*HF_TOKEN/],
    [403, /does not allow it \(403\); accept the model's terms at http.*tiny\/model and set HF_TOKEN/],
    [404, /does not have it \(404\); check the name/],
    [418, /answered with the status 418; check the endpoint/],
  ])('with %i is asked once, and the sentence says what to do', async (status, says) => {
    answer(status);
    await expect(download()).rejects.toThrow(says);
    expect(hub.requests).toHaveLength(1);
  });

  it.each([
    [500, /trouble of its own \(500\); try again later/],
    [429, /too many requests from here \(429\)/],
  ])('with %i is asked again some times', async (status, says) => {
    answer(status, { 'retry-after': '0' });
    await expect(download()).rejects.toThrow(says);
    expect(hub.requests).toHaveLength(1 + waits.length);
  });

  it('for a long time is not waited for', async () => {
    answer(429, { 'retry-after': '3600' });
    await expect(download()).rejects.toThrow(/too many requests/);
    expect(hub.requests).toHaveLength(1);
  });

  it('once is asked again, for files too', async () => {
    hub.mischief = (_, response, times) => {
      if (times > 0) return false;
      response.writeHead(503).end();
      return true;
    };
    expectWhole(await download());
  });
});

describe('what is in the way', () => {
  it('is told of a disk that is too small, before anything is written', async () => {
    await expect(download({ free: 256 * 2 ** 20 + 1000 })).rejects.toThrow(
      /not enough space for the model: .* MB are to be downloaded to .*, and 268 MB are free there/,
    );
    expect(hub.requests).toHaveLength(1);
    expect(existsSync(stagingOf(modelFolder(repository)))).toBe(false);
  });

  it('is told of a disk that has become too small, and what has arrived stays', async () => {
    hub.mischief = onWeights((_, response, times) =>
      breakOff(response, times === 0 ? 0 : 40_000, times === 0 ? 40_000 : 0),
    );
    await expect(download()).rejects.toThrow();
    hub.mischief = undefined;
    await expect(download({ free: 256 * 2 ** 20 + 1000 })).rejects.toThrow(/not enough space/);
    hub.requests.length = 0;
    expectWhole(await download());
    expect(rangesOf(weights)).toEqual(['bytes=40000-']);
  });

  it.skipIf(process.platform !== 'linux')(
    'is told of a disk that gets full, and what has arrived stays',
    async () => {
      hub.mischief = onWeights((_, response) => breakOff(response, 0, 40_000));
      await expect(download()).rejects.toThrow();
      rmSync(staged(`${weights}.partial`));
      // Whatever is written there, the system says that the disk is full.
      symlinkSync('/dev/full', staged(`${weights}.partial`));
      hub.mischief = undefined;
      await expect(download()).rejects.toThrow(
        /model.safetensors of tiny\/model stopped because the disk is full; free some space/,
      );
      expect(existsSync(staged('tokenizer.json'))).toBe(true);
      rmSync(staged(`${weights}.partial`));
      expectWhole(await download());
    },
  );

  it('is told where nothing listens', async () => {
    await hub.stop();
    await expect(download()).rejects.toThrow(
      /Cannot reach 127.0.0.1:\d+ because the connection is refused; check/,
    );
  });

  it('is told of a model that the engine cannot run, before its weights are downloaded', async () => {
    const config = JSON.parse(files.get('config.json')?.toString() ?? '');
    hub.files.set('config.json', Buffer.from(JSON.stringify({ ...config, model_type: 'mamba' })));
    await expect(download()).rejects.toThrow(/tiny\/model .*"mamba".*llama, mistral/);
    expect(rangesOf(weights)).toEqual([]);
    expect(existsSync(stagingOf(modelFolder(repository)))).toBe(false);
  });

  it('is told of a repository without weights to use', async () => {
    hub.files.delete(weights);
    await expect(download()).rejects.toThrow(
      /no weights as model.safetensors \(only pytorch_model.bin and the like\)/,
    );
    hub.files.delete('tokenizer.json');
    await expect(download()).rejects.toThrow(/it has no tokenizer.json/);
  });

  it('is nothing at all while Slipstream is to stay offline', async () => {
    await expect(download({ access: { offline: true } })).rejects.toThrow(
      /set to stay offline; set offline to false/,
    );
    expect(hub.requests).toEqual([]);
  });
});

describe('a download that is cancelled', () => {
  it('ends at once and keeps what has arrived, which the next goes on from', async () => {
    const cancel = new AbortController();
    hub.mischief = onWeights((_, response) => {
      response.writeHead(200, { 'content-length': whole().length });
      response.write(whole().subarray(0, 50_000));
      return true;
    });
    const running = download({
      signal: cancel.signal,
      onBytes: (bytes) => bytes >= 50_000 + 100 && existsSync(staged(`${weights}.partial`)) && cancel.abort(),
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    expect(existsSync(modelFolder(repository))).toBe(false);
    const kept = statSync(staged(`${weights}.partial`)).size;
    expect(kept).toBeGreaterThan(0);
    hub.mischief = undefined;
    hub.requests.length = 0;
    expectWhole(await download());
    expect(rangesOf(weights)).toEqual([`bytes=${kept}-`]);
  });
});

describe('two at once', () => {
  it('do not write the same file: the second is told', async () => {
    hub.mischief = onWeights((_, response, times) => {
      if (times > 0) return false;
      setTimeout(() => breakOff(response, 0, 1000), 300);
      return true;
    });
    const first = download();
    await vi.waitFor(() => expect(rangesOf(weights)).toHaveLength(1), { timeout: 5000 });
    await expect(download()).rejects.toMatchObject({
      code: 'download-busy',
      message: /already runs in another window/,
    });
    expectWhole(await first);
  });
});

describe('a proxy', () => {
  it('of the settings carries everything', async () => {
    const proxy = await startProxy('user:password');
    try {
      expectWhole(await download({ access: { proxy: proxy.address } }));
      const { host } = new URL(hub.endpoint);
      expect(new Set(proxy.requests)).toEqual(new Set([`CONNECT ${host}`]));
    } finally {
      await proxy.stop();
    }
  });

  it('of the environment does so too, unless the hub is among the exceptions', async () => {
    const proxy = await startProxy();
    try {
      vi.stubEnv('http_proxy', proxy.address);
      await download();
      expect(proxy.requests.length).toBeGreaterThan(0);
      proxy.requests.length = 0;
      vi.stubEnv('no_proxy', '127.0.0.1');
      await download();
      expect(proxy.requests).toEqual([]);
    } finally {
      await proxy.stop();
    }
  });

  it('that wants a password, or is not there, is told by name without its password', async () => {
    const proxy = await startProxy('user:password');
    const wrong = proxy.address.replace('password', 'secret');
    await expect(download({ access: { proxy: wrong } })).rejects.toThrow(
      /wants a user name and password \(407\)/,
    );
    await proxy.stop();
    const failure = await download({ access: { proxy: proxy.address } }).catch(String);
    expect(failure).toMatch(/through the proxy http:\/\/127.0.0.1:\d+ because the connection is refused/);
    expect(failure).not.toContain('password');
  });
});
