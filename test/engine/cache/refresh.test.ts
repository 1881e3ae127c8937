import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { planPrompt } from '../../../engine/cache/planPrompt';
import { refresh } from '../../../engine/cache/refresh';
import type { ReuseMode } from '../../../engine/completion';
import { prefill } from '../../../engine/decode/prefill';
import { type Decoder, loadDecoder } from '../../../engine/runtime/decoder';
import { expectSameLogits, isExact, numRuns, testDevice } from '../../support/device';
import {
  applyEdit,
  checkRefreshed,
  type Edit,
  encodePrompt,
  expectWhole,
  promptEdits,
  someTokens,
} from '../../support/edits';
import { temporaryFolder } from '../../support/folder';
import { type TinyModelOptions, writeTinyModel } from '../../support/tinyModel';

const models: Record<string, TinyModelOptions> = {
  plain: { architecture: 'llama', seed: 21, heads: 4, kvHeads: 2, maxPositions: 1024 },
  'half of each head rotated': {
    architecture: 'llama',
    seed: 22,
    maxPositions: 1024,
    config: { partial_rotary_factor: 0.5 },
  },
  'neighbours rotated together': {
    architecture: 'llama',
    seed: 23,
    maxPositions: 1024,
    config: { rope_interleave: true },
  },
  'linear scaling': {
    architecture: 'qwen2',
    seed: 24,
    maxPositions: 1024,
    ropeScaling: { type: 'linear', factor: 4 },
  },
  'llama3 scaling': {
    architecture: 'llama',
    seed: 25,
    maxPositions: 1024,
    ropeScaling: {
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 64,
    },
  },
  'one layer': { architecture: 'llama', seed: 27, layers: 1, maxPositions: 1024 },
  'dynamic scaling': {
    architecture: 'llama',
    seed: 26,
    maxPositions: 1024,
    ropeScaling: { type: 'dynamic', factor: 2 },
  },
};
const folder = temporaryFolder();
beforeAll(async () => {
  for (const [name, options] of Object.entries(models)) await writeTinyModel(folder(name), options);
});

const load = (model: string, precision: 'int8' | 'fp32'): Promise<Decoder> =>
  loadDecoder({
    modelDirectory: folder(model),
    device: testDevice,
    precision,
    threads: 1,
    cacheDirectory: folder('cache'),
  });

describe.each(['fp32', 'int8'] as const)('after a refresh at %s', (precision) => {
  // Where rows are the same up to rounding only, the weights' precision has no part in it: of int8 one model is enough.
  const names = Object.keys(models).slice(0, isExact || precision === 'fp32' ? undefined : 1);
  test.each(names)('a cache is what a full computation gives: %s', async (name) => {
    const decoder = await load(name, precision);
    const shifted = await checkRefreshed(decoder, expectSameLogits, numRuns(6));
    if (isExact) expect(shifted > 0).toBe(decoder.rotateKeys !== undefined);
    await decoder.release();
  });
});

test('in a model of one layer moved keys are exact, and unmoved ones are not', async () => {
  // Keys and values of the first layer depend on nothing but their own token and position.
  const decoder = await load('one layer', 'fp32');
  const distance = async (edits: readonly Edit[], mode: ReuseMode) => {
    const prompt = someTokens(600, 6);
    const cache = decoder.newCache();
    let logits: Float32Array = new Float32Array();
    await encodePrompt(decoder, cache, prompt, mode);
    for (const edit of edits) {
      applyEdit(prompt, edit);
      ({ logits } = await encodePrompt(decoder, cache, prompt, mode));
    }
    const whole = await encodePrompt(decoder, decoder.newCache(), prompt, 'recompute');
    return Math.max(...logits.map((logit, i) => Math.abs(logit - (whole.logits[i] as number))));
  };
  await fc.assert(
    fc.asyncProperty(promptEdits, async (edits) => {
      expect(await distance(edits, 'pie')).toBeLessThan(1e-4);
    }),
    { numRuns: numRuns(10) },
  );
  expect(await distance([{ at: 50, removed: 0, added: 9, seed: 3 }], 'splice')).toBeGreaterThan(1e-2);
  await decoder.release();
});

test('a refresh stops at the next pass, keeps what it has done and goes on from there', async () => {
  const decoder = await load('plain', 'fp32');
  const cache = decoder.newCache();
  const prompt = someTokens(600, 3);
  await encodePrompt(decoder, cache, prompt, 'pie');
  prompt.splice(10, 0, 1, 2, 3);
  await encodePrompt(decoder, cache, prompt, 'pie');
  const stale = cache.length - cache.exact;
  let asked = 0;
  const left = await refresh(decoder, cache, () => ++asked > 2);
  expect(left).toBeLessThan(stale);
  expect(left).toBeGreaterThan(stale - 3 * 64);
  expect(await refresh(decoder, cache, () => false)).toBe(0);
  await decoder.release();
});

test('a prefill that is interrupted leaves a cache that the next one completes', async () => {
  const decoder = await load('plain', 'int8');
  const prompt = someTokens(400, 4);
  await fc.assert(
    fc.asyncProperty(promptEdits, fc.nat(6), async (edits, passes) => {
      const cache = decoder.newCache();
      await encodePrompt(decoder, cache, prompt, 'pie');
      const changed = [...prompt];
      for (const edit of edits) applyEdit(changed, edit);
      let asked = 0;
      const plan = planPrompt(decoder, cache, changed, 'pie');
      await prefill(decoder, cache, changed, plan, plan.rotate, () => ++asked > passes || undefined);
      await encodePrompt(decoder, cache, changed, 'pie');
      await refresh(decoder, cache, () => false);
      await expectWhole(decoder, cache, changed, expectSameLogits);
    }),
    { numRuns: numRuns(10) },
  );
  await decoder.release();
});

test('a model whose keys cannot be moved computes what lies behind an edit anew, and says so', async () => {
  const decoder = await load('dynamic scaling', 'fp32');
  const cache = decoder.newCache();
  const prompt = someTokens(600, 5);
  await encodePrompt(decoder, cache, prompt, 'pie');
  prompt.splice(100, 0, 251, 252, 253);
  const { use, logits } = await encodePrompt(decoder, cache, prompt, 'pie');
  expect(use).toMatchObject({ kept: 100, shifted: 0, encoded: 503, stale: 0 });
  expect(use.fallback).toMatch(/dynamic NTK/);
  expectSameLogits(logits, (await encodePrompt(decoder, decoder.newCache(), prompt, 'recompute')).logits);
  // What is only appended needs no rotation, and no excuse.
  const appended = await encodePrompt(decoder, cache, [...prompt, 1], 'pie');
  expect(appended.use).toEqual({ kept: 603, shifted: 0, encoded: 1, stale: 0 });
  await decoder.release();
});
