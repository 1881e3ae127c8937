/**
 * What is left of a completion when the next token is one too unsure: all before it, without a word that the token would have
 * continued, since half a word is worse than none.
 */
export function confidentPart(text: string, next: string): string {
  if (!/^[\p{L}\p{N}_$]/u.test(next)) return text;
  return text.replace(/[\p{L}\p{N}_$]+$/u, '');
}

/**
 * Characters of a completion that a limit of confidence leaves.
 * @param tokens those that it was written with
 * @param least probability that all of it must have
 */
export function confidentLength(
  tokens: readonly { readonly text: string; readonly logprob: number }[],
  least: number,
): number {
  let text = '';
  let logConfidence = 0;
  for (const token of tokens) {
    logConfidence += token.logprob;
    if (logConfidence < Math.log(least)) return confidentPart(text, token.text).length;
    text += token.text;
  }
  return text.length;
}
