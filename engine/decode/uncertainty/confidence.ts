/**
 * What is left of a completion when the next token is one too unsure: all before it, without a word that the token would have
 * continued, since half a word is worse than none.
 */
export function confidentPart(text: string, next: string): string {
  if (!/^[\p{L}\p{N}_$]/u.test(next)) return text;
  return text.replace(/[\p{L}\p{N}_$]+$/u, '');
}
