import { existsSync, readdirSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, type MockInstance, vi } from 'vitest';
import { run } from '../../../server/cli/program';
import { registryPath } from '../../../server/engine/registry';
import { writeManifest } from '../../../server/models/downloaded';
import { engineWorkerPath } from '../../../server/paths';
import { buildEngineBundles, bundlesFolder } from '../../support/engineBundles';
import { writeTinyModel } from '../../support/tinyModel';

// The worker is a bundle, which no source file lies beside.
vi.mock('../../../server/paths', { spy: true });

const folder = bundlesFolder('interrupted');
const model = path.join(folder, 'model');
const cache = path.join(folder, 'cache');
let worker: string;
let out: MockInstance;

beforeAll(async () => {
  worker = await buildEngineBundles(folder);
  await writeTinyModel(model, { architecture: 'llama', seed: 1 });
});
beforeEach(() => {
  vi.mocked(engineWorkerPath).mockReturnValue(worker);
  vi.stubEnv('SLIPSTREAM_CACHE_DIR', cache);
  vi.stubEnv('SLIPSTREAM_CONFIG_DIR', path.join(folder, 'config'));
  out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true, force: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const call = (...args: string[]) => run(['node', 'cli.js', ...args]);
const interrupt = () => process.emit('SIGINT');
const printed = () => out.mock.calls.map(([text]) => text).join('');

const places = [import.meta.dirname, '--n', '1'];
it.each([
  ['models add', [model]],
  ['models verify', [model]],
  ['complete', [`${import.meta.filename}:1:1`, '--model', model]],
  ['eval lines', [...places, '--model', model]],
  ['eval filters', [...places, '--model', model]],
  ['calibrate', [...places, '--model', model]],
])('%s prepares no model that nobody waits for', async (command, args) => {
  const ended = call(...command.split(' '), ...args);
  interrupt();
  expect(await ended).toBe(130);
  expect(printed()).toBe('');
  expect(readdirSync(cache).filter((name) => name !== 'hashes')).toEqual([]);
});

it("the files of a download are not held against the hub's hashes", async () => {
  const download = path.join(folder, 'download');
  await cp(model, download, { recursive: true });
  const files = [{ name: 'config.json', size: undefined, sha256: undefined, blobSha1: undefined }];
  writeManifest(download, { repository: 'tiny/model', commit: '1', endpoint: '', licence: null, files });
  const ended = call('models', 'verify', download);
  interrupt();
  expect(await ended).toBe(130);
  expect(printed()).toBe('');
});

it('a model has no name unless it was added to the end', async () => {
  out.mockImplementationOnce(interrupt);
  expect(await call('models', 'add', model)).toBe(130);
  expect(printed()).toMatch(/loaded as int8.*\n$/);
  expect(existsSync(registryPath())).toBe(false);
  expect(await call('models', 'add', model)).toBe(0);
  expect(existsSync(registryPath())).toBe(true);
});

it('a benchmark begins no other suite', async () => {
  // These are the test runner's: a benchmark tells its parent how it goes, and leaves it.
  vi.spyOn(process as Required<NodeJS.Process>, 'send').mockImplementation((...args: unknown[]) => {
    const sent = args.at(-1);
    if (typeof sent === 'function') sent();
    return true;
  });
  vi.spyOn(process, 'disconnect').mockReturnValue();
  out.mockImplementationOnce(interrupt);
  expect(await call('bench', 'startup', 'quality', '--device', 'webgpu')).toBe(130);
  expect(printed()).toContain('Cannot measure startup');
  expect(printed()).not.toContain('Cannot measure quality');
});
