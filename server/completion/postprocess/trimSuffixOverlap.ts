import { unmatched } from '../syntax/brackets';
import type { Filter } from './filter';

/** Letters in which the end of a word may be the beginning of another; a longer end of a word behind the caret is the same word. */
const mostByChance = 3;

/** The end of a completion that is also the beginning of what follows the caret would be there twice. */
export const trimSuffixOverlap: Filter = (completion, { lineSuffix }) => {
  const rest = lineSuffix.trimEnd();
  if (rest.trim() === '') return completion;
  const text = completion.trimEnd();
  for (let size = Math.min(text.length, rest.length); size > 0; size--) {
    const overlap = rest.slice(0, size);
    if (!text.endsWith(overlap) || !tellsRepetition(overlap)) continue;
    const before = text.slice(0, -size);
    if (closesBracketOf(before, overlap)) continue;
    const isChance = size <= mostByChance || isWord(rest[size]);
    if (!isChance || !splitsWord(text, text.length - size)) return before;
  }
  return completion;
};

/**
 * Brackets alone do not tell: `f(x)` before `)` is right as it is, and the filter that counts them has
 * run before. Words, or the sign that ends a statement, do.
 */
function tellsRepetition(overlap: string): boolean {
  return /\w/.test(overlap) || /^\s*[;,:]\s*$/.test(overlap);
}

/** `g(a, options)` before `, options)`: what stands there closes a bracket of the completion, and closes another one behind the caret. */
const closesBracketOf = (before: string, overlap: string): boolean =>
  unmatched(overlap, []).closers.length > 0 && unmatched(before, []).openers.length > 0;

const isWord = (letter = ''): boolean => /\w/.test(letter);

/** `const ` before `total`: that the one ends with the letter the other begins with is chance. */
const splitsWord = (text: string, at: number): boolean => isWord(text[at - 1]) && isWord(text[at]);
