import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Decoder, loadDecoder } from '../../../engine/runtime/decoder';
import { expectSameLogits, isExact, numRuns, testDevice } from '../../support/device';
import { temporaryFolder } from '../../support/folder';
import { type TinyModelOptions, writeTinyModel } from '../../support/tinyModel';

const models: Record<string, TinyModelOptions> = {
  'grouped heads': { architecture: 'llama', seed: 3, heads: 4, kvHeads: 2 },
  'a key head per query head': { architecture: 'llama', seed: 4, heads: 4, kvHeads: 4 },
  'biases and layer norms': { architecture: 'starcoder2', seed: 5 },
};
const runs = Object.keys(models).flatMap((model) =>
  (['int8', 'fp32'] as const).flatMap((precision) =>
    // A device has its own.
    (isExact ? [1, 2] : [1]).map((threads) => ({ model, precision, threads })),
  ),
);
const folder = temporaryFolder();

beforeAll(async () => {
  for (const [name, options] of Object.entries(models)) await writeTinyModel(folder(name), options);
});

/** Logits after every token, the tokens encoded in groups of the given sizes. */
async function logitsInGroups(decoder: Decoder, tokens: readonly number[], sizes: readonly number[]) {
  const cache = decoder.newCache();
  const rows: Float32Array[] = [];
  for (let done = 0, i = 0; done < tokens.length; i++) {
    const size = Math.min(sizes[i % sizes.length] as number, tokens.length - done);
    const logits = await decoder.forward(cache, tokens.slice(done, done + size), { logits: size });
    const width = decoder.config.vocabSize;
    for (let row = 0; row < size; row++) rows.push(logits.slice(row * width, (row + 1) * width));
    done += size;
  }
  return rows;
}

describe.each(runs)('$model at $precision with $threads threads', ({ model, precision, threads }) => {
  test(`a row is the same ${isExact ? 'to the last bit' : 'up to rounding'} whatever rows are encoded with it`, async () => {
    const modelDirectory = folder(model);
    const cacheDirectory = folder('cache');
    const decoder = await loadDecoder({
      modelDirectory,
      device: testDevice,
      precision,
      threads,
      cacheDirectory,
    });
    const tokens = Array.from({ length: 150 }, (_, i) => (i * 131 + 7) % 256);
    const oneByOne = await logitsInGroups(decoder, tokens, [1]);
    const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sizes, async (groups) => {
        const grouped = await logitsInGroups(decoder, tokens, groups);
        for (const [i, row] of grouped.entries()) expectSameLogits(row, oneByOne[i] as Float32Array);
      }),
      { numRuns: numRuns(12) },
    );
    await decoder.release();
  });
});

test.runIf(isExact)(
  'at 4 bit only a pass of one row differs, by rounding, and the decoder says that rows are not independent',
  async () => {
    const options = { device: 'cpu', threads: 1, cacheDirectory: folder('cache') } as const;
    const decoder = await loadDecoder({
      ...options,
      modelDirectory: folder('grouped heads'),
      precision: 'int4',
    });
    expect(decoder.independentRows).toBe(false);
    const tokens = Array.from({ length: 96 }, (_, i) => (i * 131 + 7) % 256);
    const pairs = await logitsInGroups(decoder, tokens, [2]);
    expect(await logitsInGroups(decoder, tokens, [4, 6, 16, 2])).toEqual(pairs);
    const single = await logitsInGroups(decoder, tokens, [1]);
    const differences = single.map((row, i) =>
      Math.max(...row.map((logit, token) => Math.abs(logit - (pairs[i]?.[token] ?? 0)))),
    );
    expect(Math.max(...differences)).toBeGreaterThan(0);
    expect(Math.max(...differences)).toBeLessThan(1e-3);
    await decoder.release();
  },
);
