import type { ScoreRequest } from '../../completion';
import { buildPrompt, type PromptModel } from '../../prompt';
import type { LoadedModel } from '../../runtime/load';
import { distributionOf } from '../distribution';
import type { ScoredToken } from './threshold';

/**
 * A teacher-forced pass: the distribution from which each token of a given text would have been chosen.
 * @param contextTokens prompt and text together
 */
export async function score(
  { decoder, tokenizer, vocabulary }: LoadedModel,
  promptModel: PromptModel,
  { prefix, suffix, text }: ScoreRequest,
  contextTokens: number,
): Promise<ScoredToken[]> {
  const tokens = tokenizer.encode(text).slice(0, contextTokens >> 1);
  if (tokens.length === 0) return [];
  const prompt = buildPrompt(promptModel, { prefix, suffix, context: [] }, contextTokens - tokens.length);
  const input = [...prompt.ids, ...tokens.slice(0, -1)];
  const logits = await decoder.forward(decoder.newCache(), input, { logits: tokens.length });
  const { vocabSize } = decoder.config;
  return tokens.map((token, i) => {
    const { best, entropy } = distributionOf(logits.subarray(i * vocabSize, (i + 1) * vocabSize), vocabulary);
    return { entropy, isBest: best === token };
  });
}
