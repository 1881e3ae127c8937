import type { ScoreRequest } from '../../completion';
import { buildPrompt, type PromptModel } from '../../prompt';
import type { LoadedModel } from '../../runtime/load';
import type { Healed } from '../healing';
import type { ScoredToken } from './threshold';

/** A text on its way through the model. */
export interface Scoring {
  /**
   * Goes on until the end or an interruption; what is encoded until then stays.
   * @param isInterrupted asked between passes
   * @returns the tokens, or nothing where it was interrupted
   */
  proceed(isInterrupted: () => boolean): Promise<readonly ScoredToken[] | undefined>;
  /** Gives back the memory of its cache, which on a GPU nobody else does. */
  dispose(): void;
}

/**
 * A teacher-forced pass: the distribution from which each token of a given text would have been chosen. A token that begins
 * before the text, in what was typed, is left out: only a part of the vocabulary could have stood there.
 * @param contextTokens prompt and text together
 */
export function createScoring(
  { decoder, tokenizer }: LoadedModel,
  promptModel: PromptModel,
  { prefix, typed }: Pick<Healed, 'prefix' | 'typed'>,
  { suffix, text }: ScoreRequest,
  contextTokens: number,
): Scoring {
  const tokens = tokenizer.encode(typed + text).slice(0, contextTokens >> 1);
  const prompt = buildPrompt(promptModel, { prefix, suffix, context: [] }, contextTokens - tokens.length);
  const before = tokensWithin(
    tokens.map((token) => tokenizer.tokenBytes(token).length),
    Buffer.byteLength(typed),
  );
  // Each row tells of the token behind it.
  const input = [...prompt.ids, ...tokens.slice(0, -1)];
  const firstRow = prompt.ids.length - 1 + before;
  const cache = decoder.newCache();
  const scored: ScoredToken[] = [];

  return {
    async proceed(isInterrupted) {
      while (scored.length < tokens.length - before) {
        if (isInterrupted()) return undefined;
        const at = cache.length;
        const end = Math.min(input.length, at + decoder.roomInPass(at));
        const rows = Math.min(end - at, Math.max(0, end - firstRow));
        for (const prediction of await decoder.predict(cache, input.slice(at, end), { logits: rows })) {
          const { best, entropy } = await prediction.distribution(1);
          scored.push({ entropy, isBest: best.token === tokens[before + scored.length] });
        }
      }
      return scored;
    },
    dispose: () => cache.storage.dispose(),
  };
}

/** Tokens that begin before so many bytes. */
function tokensWithin(lengths: readonly number[], bytes: number): number {
  let count = 0;
  for (let end = 0; count < lengths.length && end < bytes; count++) end += lengths[count] as number;
  return count;
}
