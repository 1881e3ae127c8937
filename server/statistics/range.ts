import type { Replacement } from '../documents/changes';
import { levenshtein } from '../levenshtein';

/** A piece of a document, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Where a piece of text is after an edit. What is typed at its ends does not belong to it; of an edit across one of its
 * ends, what was inserted belongs to it only at the end, where a rest is mostly written anew.
 * @param text what stood there at first: an edit that replaces all around it may have it somewhere else
 */
export function moved(
  { start, end }: Span,
  { start: from, removed, inserted }: Replacement,
  text: string,
): Span {
  const to = from + removed.length;
  const growth = inserted.length - removed.length;
  if (to <= start) return { start: start + growth, end: end + growth };
  if (from >= end) return { start, end };
  if (from >= start && to <= end) return { start, end: end + growth };
  if (from <= start && to >= end) return refound(text, from, inserted, start - from);
  return from < start
    ? { start: from + inserted.length, end: end + growth }
    : { start, end: from + inserted.length };
}

/** Editors and formatters sometimes write a whole document anew. */
function refound(text: string, from: number, inserted: string, near: number): Span {
  const behind = inserted.indexOf(text, near);
  const before = inserted.lastIndexOf(text, near);
  const found = [behind, before]
    .filter((at) => at >= 0)
    .sort((a, b) => Math.abs(a - near) - Math.abs(b - near))[0];
  return found === undefined || text === ''
    ? { start: from, end: from }
    : { start: from + found, end: from + found + text.length };
}

/** At least this much of a text must be left for it to count as kept (as Copilot has it). */
const leastSimilarity = 0.5;
/** Longer texts are judged by their beginning: the comparison takes the square of the length. */
const longestCompared = 2000;

/** Whether what stands there now is still what was accepted, by and large. */
export function isKept(accepted: string, now: string): boolean {
  const [a, b] = [accepted.slice(0, longestCompared), now.slice(0, longestCompared)];
  const longest = Math.max(a.length, b.length);
  if (longest === 0 || Math.min(a.length, b.length) < leastSimilarity * longest) return longest === 0;
  return 1 - levenshtein(a, b) / longest >= leastSimilarity;
}
