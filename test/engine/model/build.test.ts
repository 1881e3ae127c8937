import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, stat, truncate, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuildOptions, buildGraph, openGraph } from '../../../engine/model/build';
import { readConfig } from '../../../engine/model/config';
import type { Device } from '../../../engine/model/graph';
import { type Decoder, type DecoderOptions, loadDecoder } from '../../../engine/runtime/decoder';
import { carefulRun, loadGpuDecoder } from '../../../engine/runtime/webgpu/decoder';
import { writeTinyModel } from '../../support/tinyModel';

let folder: string;
let modelDirectory: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipstream-build-'));
  modelDirectory = join(folder, 'model');
  await writeTinyModel(modelDirectory, { architecture: 'llama', seed: 1 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const options = async (
  cacheDirectory: string,
  change: Partial<BuildOptions> = {},
): Promise<BuildOptions> => ({
  modelDirectory,
  config: await readConfig(modelDirectory),
  precision: 'int8',
  device: 'cpu',
  cacheDirectory,
  ...change,
});
/** Entries of the cache, without the remembered hashes. */
const entries = async (cache: string) => (await readdir(cache)).filter((name) => name !== 'hashes');

describe('the graph cache', () => {
  test('builds once, and finds it again', async () => {
    const cache = join(folder, 'once');
    const path = await buildGraph(await options(cache));
    const before = await stat(path);
    expect(await buildGraph(await options(cache))).toBe(path);
    expect((await stat(path)).mtimeMs).toBe(before.mtimeMs);
    expect(await entries(cache)).toHaveLength(1);
  });

  test('keeps precisions and models apart', async () => {
    const cache = join(folder, 'apart');
    const other = join(folder, 'other');
    await writeTinyModel(other, { architecture: 'llama', seed: 2 });
    await buildGraph(await options(cache));
    await buildGraph(await options(cache, { precision: 'int4' }));
    await buildGraph(await options(cache, { modelDirectory: other }));
    expect(await entries(cache)).toHaveLength(3);
  });

  test('two windows that build at once both succeed, and one entry remains', async () => {
    const cache = join(folder, 'race');
    const paths = await Promise.all([1, 2, 3].map(async () => buildGraph(await options(cache))));
    expect(new Set(paths).size).toBe(1);
    expect(await entries(cache)).toHaveLength(1);
  });

  test('removes what an earlier version built of the same model', async () => {
    const cache = join(folder, 'versions');
    const current = dirname(await buildGraph(await options(cache)));
    const older = `${current.slice(0, current.lastIndexOf('-v'))}-v0`;
    await rename(current, older);
    await buildGraph(await options(cache));
    expect(await entries(cache)).toEqual([basename(current)]);
  });

  test('sweeps away what a killed build left, but not one that is under way', async () => {
    const cache = join(folder, 'sweep');
    const [old, young] = [join(cache, 'a.partial'), join(cache, 'b.partial')];
    await mkdir(old, { recursive: true });
    await mkdir(young);
    await utimes(old, 0, 0);
    await buildGraph(await options(cache));
    const left = await entries(cache);
    expect(left).toContain('b.partial');
    expect(left).not.toContain('a.partial');
  });

  const damages: readonly [string, (entry: string) => Promise<void>][] = [
    ['its weights cut short', (entry) => truncate(join(entry, 'model.bin'), 100)],
    ['its weights gone', (entry) => rm(join(entry, 'model.bin'))],
    ['its graph cut short', (entry) => truncate(join(entry, 'model.onnx'), 1000)],
    ['its graph empty', (entry) => truncate(join(entry, 'model.onnx'))],
  ];
  const loads: readonly [Device, (options: DecoderOptions) => Promise<Decoder>][] = [
    ['cpu', loadDecoder],
    [
      'webgpu',
      async (of) =>
        loadGpuDecoder(of, await readConfig(of.modelDirectory), { ...carefulRun, provider: 'cpu' }),
    ],
  ];
  test.each(
    loads.flatMap(([device, load]) => damages.map(([what, damage]) => ({ device, load, what, damage }))),
  )('builds a damaged entry anew: $device, $what', async ({ device, load, what, damage }) => {
    const cacheDirectory = join(folder, `damaged, ${device}, ${what}`);
    await damage(dirname(await buildGraph({ ...(await options(cacheDirectory)), device })));
    const decoder = await load({
      modelDirectory,
      device: 'cpu',
      precision: 'int8',
      threads: 1,
      cacheDirectory,
    });
    expect(await decoder.forward(decoder.newCache(), [1, 2, 3], { logits: 1 })).toHaveLength(
      decoder.config.vocabSize,
    );
    await decoder.release();
  });

  test('leaves an entry alone that is refused for another reason', async () => {
    const asked = await options(join(folder, 'refused'));
    const { ino } = await stat(await buildGraph(asked));
    const refusal = new Error('out of memory');
    await expect(openGraph(asked, () => Promise.reject(refusal))).rejects.toBe(refusal);
    expect((await stat(await buildGraph(asked))).ino).toBe(ino);
  });
});

test('an entry that was removed in part is built anew', async () => {
  const cache = join(folder, 'rest');
  const path = await buildGraph(await options(cache));
  await rm(path);
  expect(await buildGraph(await options(cache))).toBe(path);
  expect(await entries(cache)).toHaveLength(1);
});

test.skipIf(process.platform !== 'linux').each([
  ['/proc/slipstream/cache', /Cannot cache .* in \/proc\/slipstream\/cache because/],
  ['/dev/null/cache', /a part of that path is a file/],
  ['/dev/null', /there is a file of that name/],
])('a cache folder that cannot be made gives one clear sentence: %s', async (cache, message) => {
  await expect(buildGraph(await options(cache))).rejects.toMatchObject({
    code: 'cache-unwritable',
    message: expect.stringMatching(message),
  });
});

/** A file system of 64 KB, where this user may mount one. */
async function tinyDisk(): Promise<string | undefined> {
  const disk = join(folder, 'disk');
  await mkdir(disk);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
  return status === 0 ? disk : undefined;
}

test('a full disk gives one clear sentence, and nothing half-written stays', async (context) => {
  const disk = await tinyDisk();
  if (disk === undefined) return context.skip('mounting a small file system needs root');
  try {
    await expect(buildGraph(await options(disk))).rejects.toMatchObject({
      code: 'cache-unwritable',
      message: expect.stringMatching(/disk is full.*free some space/),
    });
    expect(await entries(disk)).toEqual([]);
  } finally {
    spawnSync('umount', [disk]);
  }
});
