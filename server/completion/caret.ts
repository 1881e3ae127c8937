import type { CompletionDocument } from './document';
import { type Position, splitsSurrogatePair } from './guards';

export interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** The suggestion that is selected in the editor's list: ghost text must continue it. */
export interface SelectedSuggestion {
  readonly range: Range;
  readonly text: string;
}

/** The text around the caret as the model sees it: clipped, and with `\n` line ends. */
export interface CaretContext {
  readonly prefix: string;
  readonly suffix: string;
  /** From the start of the caret's line to the caret. */
  readonly linePrefix: string;
  /** From the caret to the end of its line. */
  readonly lineSuffix: string;
  /** The line ending of the document. */
  readonly lineEnding: '\n' | '\r\n' | '\r';
}

/**
 * UTF-16 units of text on each side that are sent to the engine. Far more than any prompt holds, and
 * little enough that a keystroke in a large file costs no more than one in a small file.
 */
const clip = { before: 64 * 1024, after: 32 * 1024, step: 16 * 1024 };

/** The text around `position`, as if `selected` had been accepted. */
export function caretContext(
  document: CompletionDocument,
  position: Position,
  selected?: SelectedSuggestion,
): CaretContext {
  const text = document.getText();
  const before = document.offsetAt(selected?.range.start ?? position);
  const after = document.offsetAt(selected?.range.end ?? position);
  const prefix = toLineFeeds(text.slice(clipStart(text, before), before)) + (selected?.text ?? '');
  const suffix = toLineFeeds(text.slice(after, clipEnd(text, after)));
  return {
    prefix,
    suffix,
    linePrefix: prefix.slice(prefix.lastIndexOf('\n') + 1),
    lineSuffix: firstLine(suffix),
    lineEnding: lineEndingAt(text, before),
  };
}

/**
 * The clip moves in coarse steps and starts at a line's start, so that typing leaves the beginning of
 * the prompt as it is and the KV cache stays valid.
 */
function clipStart(text: string, offset: number): number {
  if (offset <= clip.before) return 0;
  const coarse = Math.floor((offset - clip.before + clip.step) / clip.step) * clip.step;
  const lineBreak = text.lastIndexOf('\n', coarse - 1);
  // A single line longer than a step cannot be cut at its start.
  if (coarse - lineBreak <= clip.step) return lineBreak + 1;
  return splitsSurrogatePair(text, coarse) ? coarse + 1 : coarse;
}

function clipEnd(text: string, offset: number): number {
  const end = offset + clip.after;
  if (end >= text.length) return text.length;
  return splitsSurrogatePair(text, end) ? end - 1 : end;
}

function toLineFeeds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}

/** The line ending nearest before the caret, else the first one after it: files with mixed ones stay as they are. */
function lineEndingAt(text: string, offset: number): CaretContext['lineEnding'] {
  const before = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1));
  const at = offset > 0 && before >= 0 ? before : text.slice(offset).search(/[\r\n]/) + offset;
  if (text[at] === '\r') return text[at + 1] === '\n' ? '\r\n' : '\r';
  return text[at] === '\n' && text[at - 1] === '\r' ? '\r\n' : '\n';
}
