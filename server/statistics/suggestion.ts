import type { FinishedRequest } from '../completion/finished';
import type { CompletionResult } from '../completion/result';
import type { Replacement } from '../documents/changes';

/** What is offered at a place: whole lines up to the end of the ghost text, so that it stays the same while it is typed. */
export interface Suggestion {
  readonly languageId: string;
  /** Of its first request. */
  readonly number: number;
  /** Where its first line begins, in UTF-16 units of the document. */
  anchor: number;
  /** The line up to the caret and then the ghost text, for each of its alternatives. */
  texts: readonly string[];
  /** Where the ghost text begins in them: what stands before it was typed, or comes from the list of suggestions. */
  readonly own: number;
  /** How much of one of the texts stands in the document. */
  reached: number;
  /** How much it was before the last edit. */
  previous: number;
  /** What was accepted, within the text from the anchor; undefined until then. */
  taken?: { readonly from: number; to: number; text: string };
}

export interface SuggestionDocument {
  readonly text: string;
  offsetAt(position: { readonly line: number; readonly character: number }): number;
}

type Shown = Extract<CompletionResult, { readonly kind: 'shown' }>;

/** The suggestion of an answer. */
export function suggestionOf(
  { number, languageId, position, selected }: FinishedRequest,
  { text, alternatives }: Shown,
  document: SuggestionDocument,
): Suggestion {
  const caret = document.offsetAt(selected?.range.start ?? position);
  const anchor = anchorOf(document.text, caret);
  const before = document.text.slice(anchor, caret) + (selected?.text ?? '');
  const texts = [text, ...alternatives].map((ghost) => before + ghost);
  const reached = commonPrefix(before, document.text.slice(anchor, document.offsetAt(position)));
  return { number, languageId, anchor, texts, own: before.length, reached, previous: reached };
}

/** Of lines that are longer, as in minified files, only the end is looked at; where it begins moves in steps of this size. */
const longestLine = 1000;

function anchorOf(text: string, caret: number): number {
  if (caret === 0) return 0;
  const lineStart = Math.max(text.lastIndexOf('\n', caret - 1), text.lastIndexOf('\r', caret - 1)) + 1;
  return caret - ((caret - lineStart) % longestLine);
}

/**
 * Whether an answer offers what was offered already, perhaps less or more of it: the same suggestion. What follows one that
 * stands there as a whole is another.
 */
export function goesOn(old: Suggestion, now: Suggestion): boolean {
  const [text = ''] = now.texts;
  return (
    now.anchor === old.anchor &&
    old.texts.some(
      (known) => known.length > now.reached && (known.startsWith(text) || text.startsWith(known)),
    )
  );
}

/** What editors write by themselves around what is typed: the other bracket or quotation mark, and indentation. */
const byItself = /^(?:\(\)|\[\]|\{\}|<>|""|''|``|\s+)$/;

/** How an edit took a suggestion further. */
export interface Step {
  readonly kind: 'typed' | 'accepted';
  readonly from: number;
  readonly to: number;
  /** The text it followed. */
  readonly text: string;
}

/**
 * Follows a suggestion through an edit. Nobody tells of partly accepted ones: an edit that inserts several characters at
 * once, just as they were suggested, is taken for one.
 * @param document the text after the edit
 * @returns undefined where the edit has nothing to do with it
 */
export function follow(
  suggestion: Suggestion,
  { start, removed, inserted }: Replacement,
  document: string,
): Step | undefined {
  const { anchor, own } = suggestion;
  if (start < anchor) {
    // An edit across its beginning leaves nothing to follow.
    suggestion.anchor =
      start + removed.length <= anchor ? anchor + inserted.length - removed.length : Number.NaN;
    return undefined;
  }
  const caret = start + inserted.length - anchor;
  let best = { to: 0, text: '' };
  for (const text of suggestion.texts) {
    const to = Math.min(caret, commonPrefix(text, document.slice(anchor, anchor + text.length)));
    if (to > best.to) best = { to, text };
  }
  const { reached } = suggestion;
  suggestion.previous = reached;
  suggestion.reached = Math.min(best.to, caret);
  const from = Math.max(reached, own);
  const gained = best.to - from;
  if (gained <= 0 || best.to !== caret) return undefined;
  const isAsSuggested = removed === '' && best.to - reached === inserted.length;
  const isAccepted = gained > 1 && isAsSuggested && !byItself.test(inserted);
  return { kind: isAccepted ? 'accepted' : 'typed', from, to: best.to, text: best.text };
}

function commonPrefix(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a[i] === b[i]) i++;
  return i;
}
