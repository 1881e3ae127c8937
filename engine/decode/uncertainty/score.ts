import type { ScoreRequest } from '../../completion';
import { buildPrompt, type PromptModel } from '../../prompt';
import type { LoadedModel } from '../../runtime/load';
import { distributionOf } from '../distribution';
import type { Healed } from '../healing';
import type { ScoredToken } from './threshold';

/**
 * A teacher-forced pass: the distribution from which each token of a given text would have been chosen. A token that begins
 * before the text, in what was typed, is left out: only a part of the vocabulary could have stood there.
 * @param contextTokens prompt and text together
 */
export async function score(
  { decoder, tokenizer, vocabulary }: LoadedModel,
  promptModel: PromptModel,
  { prefix, typed }: Pick<Healed, 'prefix' | 'typed'>,
  { suffix, text }: ScoreRequest,
  contextTokens: number,
): Promise<ScoredToken[]> {
  const tokens = tokenizer.encode(typed + text).slice(0, contextTokens >> 1);
  if (tokens.length === 0) return [];
  const prompt = buildPrompt(promptModel, { prefix, suffix, context: [] }, contextTokens - tokens.length);
  const first = tokensWithin(
    tokens.map((token) => tokenizer.tokenBytes(token).length),
    Buffer.byteLength(typed),
  );
  const input = [...prompt.ids, ...tokens.slice(0, -1)];
  const logits = await decoder.forward(decoder.newCache(), input, { logits: tokens.length });
  const { vocabSize } = decoder.config;
  return tokens.slice(first).map((token, i) => {
    const row = first + i;
    const { best, entropy } = distributionOf(
      logits.subarray(row * vocabSize, (row + 1) * vocabSize),
      vocabulary,
    );
    return { entropy, isBest: best === token };
  });
}

/** Tokens that begin before so many bytes. */
function tokensWithin(lengths: readonly number[], bytes: number): number {
  let count = 0;
  for (let end = 0; count < lengths.length && end < bytes; count++) end += lengths[count] as number;
  return count;
}
