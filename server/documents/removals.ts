import { type Replacement, reach } from './changes';

/** Text that an edit took away. */
export interface Removal {
  /** Counted from 0 in each document. */
  readonly number: number;
  /** Grows when a further key takes away more of the same. */
  readonly version: number;
  /** What stood before it: where that is typed again, or still there, it leads into the text. */
  readonly before: string;
  readonly text: string;
}

/** What the last edits of one document took away. */
export interface Removals {
  add(replacement: Replacement): void;
  /** The latest first. */
  list(): readonly Removal[];
  /**
   * What the last edit took away, and where in the document as it is now, if that was all it did. A few single keys do not
   * count: they correct what is being typed.
   */
  last(): { readonly start: number; readonly text: string } | undefined;
}

const most = 8;
/** UTF-16 units without the white space around them; less is typed faster than it is looked up. */
const shortest = 12;
/** UTF-16 units. Of a longer text its beginning is kept, which goes on from what stands before it. */
const longest = 16 * 1024;

/** One removal that the next key may go on with, from `start` in the document as it is now. */
interface Growing extends Removal {
  readonly start: number;
}

/**
 * Backspaces and deletes that follow one another at one place count as one removal. Of a text that is replaced, only
 * what differs counts, so that formatting a document does not remove all of it.
 */
export function createRemovals(): Removals {
  let kept: readonly Removal[] = [];
  let growing: Growing | undefined;
  let count = 0;

  const isWorthIt = ({ text }: Removal): boolean => text.trim().length >= shortest;

  function keep(): void {
    if (growing !== undefined && isWorthIt(growing)) kept = [growing, ...kept].slice(0, most);
    growing = undefined;
  }

  return {
    add(replacement) {
      const { start, removed, inserted, before } = difference(replacement);
      if (removed === '' && inserted === '') return;
      const grown =
        inserted === '' && growing !== undefined ? grow(growing, start, removed, before) : undefined;
      if (grown !== undefined) {
        growing = grown;
        return;
      }
      keep();
      if (removed === '') return;
      growing = { number: count++, version: 0, start, before: copied(before), text: copied(head(removed)) };
      // What is typed in its place ends it.
      if (inserted !== '') keep();
    },
    list: () => (growing !== undefined && isWorthIt(growing) ? [growing, ...kept].slice(0, most) : kept),
    last: () =>
      growing !== undefined && (growing.version === 0 || isWorthIt(growing)) ? growing : undefined,
  };
}

function grow(last: Growing, start: number, removed: string, before: string): Growing | undefined {
  const version = last.version + 1;
  if (start + removed.length === last.start) {
    return { ...last, version, start, before: copied(before), text: copied(head(removed + last.text)) };
  }
  // Behind a text that was cut off there is a hole: what is deleted there does not follow it.
  const isWhole = last.text.length < longest;
  return start === last.start && isWhole
    ? { ...last, version, text: copied(head(last.text + removed)) }
    : undefined;
}

const head = (text: string): string => text.slice(0, longest);

/** Leaves out what a replacement puts back at both of its ends. */
function difference({ start, removed, inserted, before }: Replacement): Replacement {
  if (removed === '' || inserted === '') return { start, removed, inserted, before };
  const shorter = Math.min(removed.length, inserted.length);
  let first = 0;
  while (first < shorter && removed.charCodeAt(first) === inserted.charCodeAt(first)) first++;
  let last = 0;
  const left = shorter - first;
  while (
    last < left &&
    removed.charCodeAt(removed.length - 1 - last) === inserted.charCodeAt(inserted.length - 1 - last)
  ) {
    last++;
  }
  return {
    start: start + first,
    removed: removed.slice(first, removed.length - last),
    inserted: inserted.slice(first, inserted.length - last),
    before: (before + removed.slice(Math.max(0, first - reach), first)).slice(-reach),
  };
}

/** A slice keeps the text that it was cut from in memory: here that would be a whole document for each removal. */
function copied(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
