import type { Completion, TokenTrace } from '../../completion';

/**
 * What is left of a completion when the next token is one too unsure: all before it, without a word that the token would have
 * continued, since half a word is worse than none.
 */
export function confidentPart(text: string, next: string): string {
  return /^[\p{L}\p{N}_$]/u.test(next) ? wholeWords(text) : text;
}

/** A text without the word at its end. */
export const wholeWords = (text: string): string => text.replace(/[\p{L}\p{N}_$]+$/u, '');

type Written = Pick<TokenTrace, 'text' | 'logprob'>;

/**
 * Characters of a completion that a limit of confidence leaves.
 * @param tokens those that it was written with
 * @param least probability that all of it must have
 */
function confidentLength(tokens: readonly Written[], least: number): number {
  let text = '';
  let logConfidence = 0;
  for (const token of tokens) {
    logConfidence += token.logprob;
    if (logConfidence < Math.log(least)) return confidentPart(text, token.text).length;
    text += token.text;
  }
  return text.length;
}

/**
 * The beginning of a completion that is worth most to somebody who takes it with one key where all of it is right: of those that
 * end between words, the one of which the probability that it is right times the keys that it saves is greatest. What is left
 * out is proposed when this has been taken.
 * @param tokens those that it was written with, and perhaps more
 * @param typed what they write again of what stands before the caret
 * @param text the completion
 */
export function worthiestPart(tokens: readonly Written[], typed: string, text: string): string {
  let best = { worth: Number.NEGATIVE_INFINITY, text };
  let written = '';
  let logConfidence = 0;
  const weigh = (part: string) => {
    const worth = Math.exp(logConfidence) * (keystrokes(part) - 1);
    if (worth > best.worth) best = { worth, text: part };
  };
  for (const token of tokens) {
    const length = written.length - typed.length;
    if (length >= text.length) break;
    if (length > 0 && confidentPart(written, token.text) === written) weigh(text.slice(0, length));
    logConfidence += token.logprob;
    written += token.text;
  }
  weigh(text);
  return best.text;
}

/** What a limit of confidence leaves of a completion that was decoded without one; all of it with 0. */
export function shownPart(
  { tokens, typed, text }: Pick<Completion, 'tokens' | 'typed' | 'text'>,
  least: number,
): string {
  if (least === 0) return text;
  const confident = text.slice(0, Math.max(0, confidentLength(tokens, least) - typed.length));
  return worthiestPart(tokens, typed, confident);
}

/** What each key writes: a character, or a line break with the indentation that an editor writes behind it. */
export const keysOf = (text: string): string[] => text.match(/\n[ \t]*|[^\n]/gu) ?? [];

/** Keys that a text takes; nobody types what is blank at its end. */
export const keystrokes = (text: string): number => keysOf(text.trimEnd()).length;
