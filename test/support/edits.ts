import fc from 'fast-check';
import { expect } from 'vitest';
import type { KvCache } from '../../engine/cache/kvCache';
import { planPrompt } from '../../engine/cache/planPrompt';
import { refresh } from '../../engine/cache/refresh';
import type { ReuseMode } from '../../engine/completion';
import { prefill } from '../../engine/decode/prefill';
import type { Decoder } from '../../engine/runtime/decoder';

/** A prompt of tokens that every test's vocabulary has. */
export const someTokens = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => ((i + seed) * 7919 + ((i * seed) % 13)) % 250);

export interface Edit {
  readonly at: number;
  readonly removed: number;
  readonly added: number;
  readonly seed: number;
}

/** Edits of a prompt of 300 tokens and more. */
export const promptEdits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({ at: fc.nat(300), removed: fc.nat(20), added: fc.nat(20), seed: fc.nat(1000) }),
  { minLength: 1, maxLength: 5 },
);

export function applyEdit(prompt: number[], { at, removed, added, seed }: Edit): void {
  prompt.splice(at, removed, ...someTokens(added, seed));
}

/** The prompt's last logits, as a completion gets them. */
export async function encodePrompt(
  decoder: Decoder,
  cache: KvCache,
  prompt: readonly number[],
  mode: ReuseMode,
) {
  const plan = planPrompt(decoder, cache, prompt, mode);
  await prefill(decoder, cache, prompt, plan, plan.rotate, () => undefined);
  return { logits: await decoder.forward(cache, prompt.slice(cache.length), { logits: 1 }), use: plan.use };
}

/**
 * The property that makes reuse safe: after any edits and a refresh, a cache is what a full computation gives.
 * @param expectSame compares the logits
 * @returns how many rows were moved in all examples; where there are none, nothing was tested
 */
export async function checkRefreshed(
  decoder: Decoder,
  expectSame: (actual: Float32Array, expected: Float32Array) => void,
  numRuns: number,
): Promise<number> {
  let shifted = 0;
  await fc.assert(
    fc.asyncProperty(promptEdits, fc.boolean(), async (edits, refreshBetween) => {
      const prompt = someTokens(320, 1);
      const cache = decoder.newCache();
      await encodePrompt(decoder, cache, prompt, 'pie');
      for (const edit of edits) {
        applyEdit(prompt, edit);
        shifted += (await encodePrompt(decoder, cache, prompt, 'pie')).use.shifted;
        if (refreshBetween) expect(await refresh(decoder, cache, () => false)).toBe(0);
      }
      expect(await refresh(decoder, cache, () => false)).toBe(0);
      expect([...cache.tokens]).toEqual(prompt);
      await expectWhole(decoder, cache, prompt, expectSame);
    }),
    { numRuns },
  );
  return shifted;
}

/** Expects of a refreshed cache what a full computation of its prompt gives. */
export async function expectWhole(
  decoder: Decoder,
  cache: KvCache,
  prompt: readonly number[],
  expectSame: (actual: Float32Array, expected: Float32Array) => void,
): Promise<void> {
  cache.truncate(prompt.length - 1);
  const logits = await decoder.forward(cache, prompt.slice(-1), { logits: 1 });
  const whole = await encodePrompt(decoder, decoder.newCache(), prompt, 'recompute');
  expectSame(logits, whole.logits);
}
