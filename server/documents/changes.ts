import { type Range, TextDocument } from 'vscode-languageserver-textdocument';

/** One edit as it happened: at `start` (UTF-16 units), `removed` gave way to `inserted`. */
export interface Replacement {
  readonly start: number;
  readonly removed: string;
  readonly inserted: string;
  /** What stands before it, `reach` units at most. */
  readonly before: string;
}

interface ContentChange {
  /** Left out: `text` is the whole new document. */
  readonly range?: Range;
  readonly text: string;
}

/** UTF-16 units before an edit that are told with it. */
export const reach = 128;

/**
 * Applies the changes of one `didChange` one after another: LSP says that each range means the text after the change
 * before it, so ranges that overlap or go backwards are as good as any. A column behind the end of its line means
 * that end, a range that ends behind the last line ends with the document: clients replace everything in this way.
 * @param replaced told each edit, before the next one is looked at
 * @returns why the rest was not applied: from then on the text is not the client's
 */
export function applyChanges(
  document: TextDocument,
  changes: readonly unknown[],
  version: number,
  replaced: (replacement: Replacement) => void,
): string | undefined {
  for (const change of changes) {
    if (!isContentChange(change)) return 'a change is not what LSP says it is';
    const { text, range } = change;
    if (range !== undefined && Math.min(range.start.line, range.end.line) > document.lineCount) {
      return `a change begins in line ${range.start.line + 1} of ${document.lineCount}`;
    }
    const [start, end] = range === undefined ? [0, document.getText().length] : offsets(document, range);
    const old = document.getText();
    // The library keeps wrong line starts for a range that is not inside the text.
    const inside = { start: document.positionAt(start), end: document.positionAt(end) };
    TextDocument.update(document, [range === undefined ? { text } : { range: inside, text }], version);
    const before = old.slice(Math.max(0, start - reach), start);
    replaced({ start, removed: old.slice(start, end), inserted: text, before });
  }
  return undefined;
}

/** Some clients tell a selection's ends in the order in which it was made. */
function offsets(document: TextDocument, range: Range): [start: number, end: number] {
  const first = document.offsetAt(range.start);
  const second = document.offsetAt(range.end);
  return first <= second ? [first, second] : [second, first];
}

/** Whether a change replaces the whole document, so that nothing of what was known before matters. */
export const isWhole = (change: unknown): boolean => isContentChange(change) && change.range === undefined;

function isContentChange(value: unknown): value is ContentChange {
  if (!isRecord(value) || typeof value.text !== 'string') return false;
  const { range } = value;
  return range === undefined || (isRecord(range) && isPlace(range.start) && isPlace(range.end));
}

function isPlace(value: unknown): boolean {
  return isRecord(value) && isIndex(value.line) && isIndex(value.character);
}

const isIndex = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
