import type { Constraint } from '../../../engine/decode/constraint';
import type { Drafter } from '../../../engine/decode/draft';
import { newSequence, step } from '../../../engine/decode/step';
import { type Decoder, prefill } from '../engine';

export interface Forced {
  readonly forwards: number;
  readonly drafted: number;
  readonly accepted: number;
  /** Decoding alone. */
  readonly ms: number;
}

/** Decodes a text that is given, a forward pass at a time. */
export interface ForcedDecoding {
  readonly isDone: boolean;
  /** What the passes so far have come to. */
  readonly counts: Forced;
  step(): Promise<void>;
  close(): void;
}

/**
 * Decodes a text through the real drafter and real forward passes: at each position only the next token of the text is
 * allowed, so that a draft is accepted as far as it is that text. It is how the literature measures drafters on edits
 * that a model at hand is too small to make.
 */
export async function forcedDecoding(
  decoder: Decoder,
  prompt: readonly number[],
  text: readonly number[],
  drafter: Drafter,
): Promise<ForcedDecoding> {
  const cache = decoder.newCache();
  await prefill(decoder, cache, prompt);
  cache.truncate(prompt.length - 1);
  const sequence = newSequence(cache, prompt);
  const mask = new Uint8Array(decoder.config.vocabSize);
  let done = 0;
  let counts: Forced = { forwards: 0, drafted: 0, accepted: 0, ms: 0 };
  const constraint: Constraint = {
    allowed: () => {
      mask[text[done - 1] ?? 0] = 0;
      mask[text[done] ?? 0] = 1;
      return mask;
    },
  };
  const commit = () => ++done < text.length;
  return {
    get isDone() {
      return done === text.length;
    },
    get counts() {
      return counts;
    },
    async step() {
      const started = performance.now();
      const policy = { constraint, drafter };
      const { drafted, accepted } = await step(decoder, sequence, policy, text.length - done, commit);
      counts = {
        forwards: counts.forwards + 1,
        drafted: counts.drafted + drafted,
        accepted: counts.accepted + accepted,
        ms: counts.ms + performance.now() - started,
      };
    },
    close: () => cache.storage.dispose(),
  };
}

/** The whole text at once. */
export async function decodeForced(...task: Parameters<typeof forcedDecoding>): Promise<Forced> {
  const decoding = await forcedDecoding(...task);
  while (!decoding.isDone) await decoding.step();
  decoding.close();
  return decoding.counts;
}
