import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Replacement } from '../documents/changes';

/** One place that was edited, as it was and as it is now. */
export interface Hunk {
  readonly uri: string;
  /** Line of the document as it is now, from 0. */
  readonly start: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** The last edits of all documents. */
export interface RecentEdits {
  /** @param document after the replacement */
  replaced(document: TextDocument, replacement: Replacement): void;
  /** The latest first, without the one that is still being made: that one changes with every key. */
  list(): readonly Hunk[];
  drop(isGone: (uri: string) => boolean): void;
}

/** Copilot's. */
const most = 8;
const longestHunk = 10;
const longestText = 2000;

/** Edits next to each other count as one; what is as it was before counts as none. */
export function createRecentEdits(): RecentEdits {
  let finished: readonly Hunk[] = [];
  let growing: Hunk | undefined;

  function finish(): void {
    const hunk = growing && trimmed(growing);
    if (hunk !== undefined && isWorthIt(hunk)) finished = [hunk, ...finished].slice(0, most);
    growing = undefined;
  }

  return {
    replaced(document, replacement) {
      if (replacement.removed === replacement.inserted) return;
      const edit = editedLines(document, replacement);
      if (growing !== undefined && touches(growing, edit)) {
        growing = joined(document, growing, edit);
      } else {
        finish();
        growing = edit;
      }
      // Nobody has typed this; the end of it may be next to what is typed now.
      if (growing.before.length > 2 * longestHunk || growing.after.length > 2 * longestHunk)
        growing = undefined;
    },
    list: () => finished,
    drop(isGone) {
      finished = finished.filter(({ uri }) => !isGone(uri));
      if (growing !== undefined && isGone(growing.uri)) growing = undefined;
    },
  };
}

/** As a small unified diff without line numbers, which nobody could complete by. */
export function diffOf({ before, after }: Hunk): string {
  return [...before.map((line) => `-${line}`), ...after.map((line) => `+${line}`)].join('\n');
}

/** The whole lines that one replacement has changed. */
function editedLines(document: TextDocument, { start, removed, inserted }: Replacement): Hunk {
  const text = document.getText();
  const end = start + inserted.length;
  const from = start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = text.indexOf('\n', end);
  // A line feed alone is no line of its own behind a carriage return.
  const isPair = lineEnd > end && text[lineEnd - 1] === '\r';
  const to = lineEnd < 0 ? text.length : isPair ? lineEnd - 1 : lineEnd;
  return {
    uri: document.uri,
    start: document.positionAt(from).line,
    before: linesOf(text.slice(from, start) + removed + text.slice(end, to)),
    after: linesOf(text.slice(from, to)),
  };
}

/** Whether an edit is in the lines of a hunk, or next to them. */
const touches = (hunk: Hunk, edit: Hunk): boolean =>
  hunk.uri === edit.uri &&
  edit.start <= hunk.start + hunk.after.length &&
  hunk.start <= edit.start + edit.before.length;

/** What both changed, with what stood there before the first of them. */
function joined(document: TextDocument, hunk: Hunk, edit: Hunk): Hunk {
  const start = Math.min(hunk.start, edit.start);
  const end = Math.max(hunk.start + hunk.after.length, edit.start + edit.before.length);
  const above = edit.before.slice(0, Math.max(0, hunk.start - edit.start));
  const below = edit.before.slice(Math.max(0, hunk.start + hunk.after.length - edit.start));
  const lines = end - start + edit.after.length - edit.before.length;
  const after = linesOf(
    document.getText({
      start: { line: start, character: 0 },
      end: { line: start + lines, character: 0 },
    }),
  ).slice(0, lines);
  return { uri: hunk.uri, start, before: [...above, ...hunk.before, ...below], after };
}

/** Without the lines at both ends that are as they were. */
function trimmed({ uri, start, before, after }: Hunk): Hunk {
  let first = 0;
  while (first < before.length && first < after.length && before[first] === after[first]) first++;
  let last = 0;
  const left = Math.min(before.length, after.length) - first;
  while (last < left && before.at(-1 - last) === after.at(-1 - last)) last++;
  return {
    uri,
    start: start + first,
    before: before.slice(first, before.length - last),
    after: after.slice(first, after.length - last),
  };
}

function isWorthIt(hunk: Hunk): boolean {
  const { before, after } = hunk;
  const length = diffOf(hunk).length;
  const says = [...before, ...after].some((line) => line.trim() !== '');
  return says && before.length <= longestHunk && after.length <= longestHunk && length <= longestText;
}

const linesOf = (text: string): string[] => text.split(/\r\n|\r|\n/);
