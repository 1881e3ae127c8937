import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { CompletionRequest } from '../../../engine/completion';
import { createCompleter } from '../../../engine/runtime/completer';
import { loadModel } from '../../../engine/runtime/load';
import { heldDeviceBytes } from '../../../engine/runtime/webgpu/ledger';
import { temporaryFolder } from '../../support/folder';
import { writeTinyModel } from '../../support/tinyModel';

const folder = temporaryFolder();
const vocab = 1024;
/** What would stay of each token if the smallest buffer that a pass writes, a row of logits, did. */
const rowOfLogits = vocab * Float32Array.BYTES_PER_ELEMENT;
/** By then shaders are compiled and the heap has its size. */
const warmUp = 2000;
beforeAll(() =>
  writeTinyModel(folder('model'), {
    architecture: 'llama',
    seed: 41,
    hidden: 32,
    heads: 2,
    kvHeads: 1,
    layers: 1,
    maxPositions: 1024,
    vocab,
  }),
);
afterEach(() => {
  expect(heldDeviceBytes('caches')).toBe(0);
  expect(heldDeviceBytes('logits')).toBe(0);
});

const load = () =>
  loadModel({
    modelDirectory: folder('model'),
    device: 'webgpu',
    precision: 'int8',
    threads: 1,
    cacheDirectory: folder('cache'),
  });

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Memory of this process in bytes; a software device has its own in it, too. */
function residentBytes(): number {
  collectGarbage();
  return process.memoryUsage().rss;
}

test('10,000 tokens take no memory of host or device that is not given back', {
  timeout: 300_000,
}, async () => {
  const { decoder } = await load();
  /** Tokens of a document that is edited in the middle, and closed. */
  const write = async (count: number) => {
    const cache = decoder.newCache();
    for (let written = 0; written < count; written++) {
      await decoder.predict(cache, [written % 256], { logits: 1 });
      if (written % 50 === 49) {
        const rest = { from: 20, to: 10, length: cache.length - 20 };
        cache.rearrange([{ from: 0, to: 0, length: 10 }, rest], decoder.rotateKeys);
      }
    }
    expect(heldDeviceBytes('caches')).toBe(cache.byteLength);
    cache.storage.dispose();
    expect(heldDeviceBytes('caches')).toBe(0);
  };
  for (let written = 0; written < warmUp; written += 500) await write(500);
  const before = residentBytes();
  for (let written = warmUp; written < 10_000; written += 500) await write(500);
  // Passes write them into one buffer, which has room for some rows.
  expect(heldDeviceBytes('logits')).toBe(4 * rowOfLogits);
  expect((residentBytes() - before) / (10_000 - warmUp)).toBeLessThan(0.75 * rowOfLogits);
  await decoder.release();
});

const request = (session: string, lines: number, maxTokens = 8): CompletionRequest => ({
  session,
  prefix: `// ${session}\n${'const a = 1;\n'.repeat(lines)}`,
  suffix: '',
  context: [],
  mode: 'line',
  maxTokens,
  deadlineMs: Number.POSITIVE_INFINITY,
  lineDeadlineMs: Number.POSITIVE_INFINITY,
  without: [],
});
const never = () => false;
const clock = { elapsed: () => 0 };

test('what a document holds on the device grows in doublings, and is freed when it is closed or gives way', async () => {
  const model = await load();
  const rowBytes = model.decoder.newCache().byteLength / 256;
  const completer = createCompleter(model, 1024, 1024 * rowBytes);
  const complete = (session: string, lines: number) =>
    completer.complete(request(session, lines), never, clock);
  await complete('a', 4);
  expect(heldDeviceBytes('caches')).toBe(256 * rowBytes);
  await complete('a', 30);
  expect(heldDeviceBytes('caches')).toBe(512 * rowBytes);
  await complete('b', 4);
  expect(heldDeviceBytes('caches')).toBe((512 + 256) * rowBytes);
  // A third one of 512 rows does not fit beside both: the least recently used is dropped.
  await complete('c', 30);
  expect(heldDeviceBytes('caches')).toBe((256 + 512) * rowBytes);
  completer.forget('b');
  expect(heldDeviceBytes('caches')).toBe(512 * rowBytes);
  completer.forget('c');
  expect(heldDeviceBytes('caches')).toBe(0);
  const scoring = completer.score({ prefix: 'const a = 1;\n', text: 'const b = 2;\n', suffix: '' });
  expect(await scoring.proceed(never)).not.toEqual([]);
  scoring.dispose();
  expect(heldDeviceBytes('caches')).toBe(0);
  await model.decoder.release();
});
