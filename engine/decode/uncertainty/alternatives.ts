import type { Output } from '../output';
import type { Fork, Sequence } from '../step';

/**
 * What the completion would be with the candidates that were not taken where the model was first unsure.
 * @param restart gives an empty sequence behind the prompt, and its output
 * @param finish decodes the rest; left out, only candidates whose rollout reaches an end are given
 */
export async function alternativesOf(
  { tokens, branches }: Fork,
  promptLength: number,
  restart: () => { readonly sequence: Sequence; readonly output: Output },
  finish: ((sequence: Sequence, output: Output) => Promise<unknown>) | undefined,
): Promise<string[]> {
  const texts: string[] = [];
  for (const branch of branches) {
    const { stop } = branch.preview;
    if (stop) {
      texts.push(stop.text);
      continue;
    }
    if (finish === undefined) continue;
    const { sequence, output } = restart();
    sequence.cache.truncate(tokens.length);
    sequence.expected = undefined;
    for (const token of [...tokens.slice(promptLength), ...branch.tokens]) {
      sequence.tokens.push(token);
      if (!output.commit({ token, logprob: 0, entropy: 0, source: 'lookahead', constrained: false })) break;
    }
    if (output.stop === undefined) await finish(sequence, output);
    // Half of one, at a deadline, is no alternative.
    if (output.stop === undefined) break;
    texts.push(output.text);
  }
  return [...new Set(texts)];
}
