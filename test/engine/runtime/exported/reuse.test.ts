import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KvCache } from '../../../../engine/cache/kvCache';
import { planPrompt } from '../../../../engine/cache/planPrompt';
import { refresh } from '../../../../engine/cache/refresh';
import type { ReuseMode } from '../../../../engine/completion';
import { prefill } from '../../../../engine/decode/prefill';
import type { Decoder } from '../../../../engine/runtime/decoder';
import type { ExportOptions } from '../../../support/exportedModel';
import { writeTinyModel } from '../../../support/tinyModel';
import { relativeError } from '../../numerics/greedy';
import { contrib, exportedModels, plain } from './models';

const { folder, load, write } = exportedModels();

/** The prompt's last logits, as a completion gets them. */
async function encode(decoder: Decoder, cache: KvCache, prompt: readonly number[], mode: ReuseMode) {
  const plan = planPrompt(decoder, cache, prompt, mode);
  await prefill(decoder, cache, prompt, plan, plan.rotate, () => undefined);
  return { logits: await decoder.forward(cache, prompt.slice(cache.length), { logits: 1 }), use: plan.use };
}

const tokens = (count: number, seed: number) =>
  Array.from({ length: count }, (_, i) => ((i + seed) * 7919 + ((i * seed) % 13)) % 250);

const edits = fc.array(
  fc.record({ at: fc.nat(300), removed: fc.nat(20), added: fc.nat(20), seed: fc.nat(1000) }),
  { minLength: 1, maxLength: 5 },
);

const cases: readonly [string, ExportOptions, number][] = [
  ['optimum', plain, 1e-4],
  ['merged', { ...plain, switched: true }, 1e-4],
  ['genai', contrib, 1e-4],
  ['optimum, cache in fp16', { ...plain, cache: 'float16' }, 1e-2],
];

describe.each(cases)('after edits and a refresh: %s', (name, options, tolerance) => {
  test('the cache is what a full computation gives', async () => {
    const decoder = await load(await write(name, options));
    let shifted = 0;
    await fc.assert(
      fc.asyncProperty(edits, fc.boolean(), async (changes, refreshBetween) => {
        const prompt = tokens(320, 1);
        const cache = decoder.newCache();
        await encode(decoder, cache, prompt, 'pie');
        for (const { at, removed, added, seed } of changes) {
          prompt.splice(at, removed, ...tokens(added, seed));
          shifted += (await encode(decoder, cache, prompt, 'pie')).use.shifted;
          if (refreshBetween) expect(await refresh(decoder, cache, () => false)).toBe(0);
        }
        expect(await refresh(decoder, cache, () => false)).toBe(0);
        expect([...cache.tokens]).toEqual(prompt);
        cache.truncate(prompt.length - 1);
        const refreshed = await decoder.forward(cache, prompt.slice(-1), { logits: 1 });
        const whole = await encode(decoder, decoder.newCache(), prompt, 'recompute');
        expect(relativeError([refreshed], [whole.logits])).toBeLessThan(tolerance);
      }),
      { numRuns: 8 },
    );
    expect(shifted).toBeGreaterThan(0);
  });
});

describe.each([
  ['optimum', plain, 1e-4],
  ['genai', contrib, 1e-4],
  ['cache in fp16', { ...plain, cache: 'float16' }, 2e-2],
] as const)('in an exported model of one layer: %s', (name, options, tolerance) => {
  test('moved keys are exact before any refresh, and unmoved ones are not', async () => {
    // Keys and values of the first layer depend on nothing but their own token and position.
    const source = folder(`${name} one layer source`);
    await writeTinyModel(source, { architecture: 'llama', seed: 27, layers: 1, maxPositions: 1024 });
    const decoder = await load(await write(`${name} one layer`, options, source));
    const distance = async (mode: ReuseMode) => {
      const prompt = tokens(600, 6);
      const cache = decoder.newCache();
      await encode(decoder, cache, prompt, mode);
      prompt.splice(50, 0, ...tokens(9, 3));
      const { logits, use } = await encode(decoder, cache, prompt, mode);
      expect(use.shifted).toBeGreaterThan(400);
      const whole = await encode(decoder, decoder.newCache(), prompt, 'recompute');
      return relativeError([logits], [whole.logits]);
    };
    expect(await distance('pie')).toBeLessThan(tolerance);
    expect(await distance('splice')).toBeGreaterThan(2 * tolerance);
  });
});

test.each([
  ['cached before their rotation', { ...plain, flaw: 'unrotatedKeys' }],
  ['turned by other angles than config.json says', { ...plain, angleScale: 0.5 }],
] as const)(
  'where keys are %s, what lies behind an edit is computed anew, and it says so',
  async (name, options) => {
    const decoder = await load(await write(name, options));
    expect(decoder.rotateKeys).toBeUndefined();
    expect(decoder.notes.join()).toMatch(/Behind an edit .* anew/);
    const cache = decoder.newCache();
    const prompt = tokens(600, 5);
    await encode(decoder, cache, prompt, 'pie');
    prompt.splice(100, 0, 251, 252, 253);
    const { use, logits } = await encode(decoder, cache, prompt, 'pie');
    expect(use).toMatchObject({ kept: 100, shifted: 0, encoded: 503, stale: 0 });
    expect(use.fallback).toMatch(/cannot be moved/);
    const whole = await encode(decoder, decoder.newCache(), prompt, 'recompute');
    expect(relativeError([logits], [whole.logits])).toBeLessThan(1e-4);
  },
);
