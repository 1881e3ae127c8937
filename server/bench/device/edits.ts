import { planPrompt } from '../../../engine/cache/planPrompt';
import type { ReuseMode } from '../../../engine/completion';
import { prefill } from '../../../engine/decode/prefill';
import { newSequence } from '../../../engine/decode/step';
import { type Decoder, promptTokens, writeTokens } from '../engine';

/** Prompt and completion fill this. */
export const contextTokens = 2048;
/** Tokens of a completion. */
export const completionTokens = 20;
const insertedTokens = 3;
const promptLength = contextTokens - completionTokens - insertedTokens;

export interface Answer {
  /** From the edit until the first new token is known, and until the last one is. */
  readonly firstMs: number;
  readonly totalMs: number;
  /** Tokens of the prompt that were encoded for it. */
  readonly encoded: number;
}

/**
 * A document's prompt as it is edited: some tokens come near the middle and go again, so that all behind them, about a
 * thousand, change their places.
 */
export function* editedPrompts(vocabSize: number): Generator<readonly number[], never> {
  const text = promptTokens(promptLength, vocabSize);
  yield text;
  for (let edit = 0; ; edit++) {
    const at = (promptLength >> 1) - 100 + ((edit * 37) % 200);
    const inserted = Array.from({ length: insertedTokens }, (_, i) => (edit * 613 + i * 101 + 7) % vocabSize);
    yield [...text.slice(0, at), ...inserted, ...text.slice(at)];
    yield text;
  }
}

/** Answers one document's requests from a cache of its own, by the product's own plan, prefill and steps. */
export function editedDocument(decoder: Decoder, reuse: ReuseMode) {
  const cache = decoder.newCache();
  return {
    async answer(prompt: readonly number[], tokens: number): Promise<Answer> {
      const started = performance.now();
      const elapsed = () => performance.now() - started;
      const plan = planPrompt(decoder, cache, prompt, reuse);
      await prefill(decoder, cache, prompt, plan, plan.rotate, () => undefined);
      const times: number[] = [];
      await writeTokens(decoder, newSequence(cache, prompt), tokens, () => times.push(elapsed()));
      const [firstMs = Number.NaN] = times;
      return { firstMs, totalMs: times.at(-1) ?? Number.NaN, encoded: plan.use.encoded };
    },
    close: () => cache.storage.dispose(),
  };
}
