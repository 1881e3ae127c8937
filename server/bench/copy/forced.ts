import type { Constraint } from '../../../engine/decode/constraint';
import type { Drafter } from '../../../engine/decode/draft';
import { step } from '../../../engine/decode/step';
import { type Decoder, prefill } from '../engine';

export interface Forced {
  readonly forwards: number;
  readonly drafted: number;
  readonly accepted: number;
  /** Decoding alone. */
  readonly ms: number;
}

/**
 * Decodes a text that is given, through the real drafter and real forward passes: at each position only the next token of the
 * text is allowed, so that a draft is accepted as far as it is that text. It is how the literature measures drafters
 * on edits that a model at hand is too small to make.
 */
export async function decodeForced(
  decoder: Decoder,
  prompt: readonly number[],
  text: readonly number[],
  drafter: Drafter,
): Promise<Forced> {
  const cache = decoder.newCache();
  await prefill(decoder, cache, prompt);
  cache.truncate(prompt.length - 1);
  const sequence = { cache, tokens: [...prompt], text: '' };
  const mask = new Uint8Array(decoder.config.vocabSize);
  const vocabulary = new Uint8Array(decoder.config.vocabSize).fill(1);
  let done = 0;
  const constraint: Constraint = {
    allowed: async () => {
      mask[text[done - 1] ?? 0] = 0;
      mask[text[done] ?? 0] = 1;
      return mask;
    },
  };
  const commit = () => {
    done++;
    return done < text.length;
  };
  const counts = { forwards: 0, drafted: 0, accepted: 0 };
  const started = performance.now();
  while (done < text.length) {
    const result = await step(
      decoder,
      sequence,
      { vocabulary, constraint, drafter },
      text.length - done,
      commit,
    );
    counts.forwards++;
    counts.drafted += result.drafted;
    counts.accepted += result.accepted;
  }
  return { ...counts, ms: performance.now() - started };
}
