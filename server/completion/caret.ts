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
 * UTF-16 units of text that are sent to the engine for each token of the longest prompt: twice what source
 * code has, and little enough that a keystroke in a large file costs no more than one in a small file.
 */
const unitsPerToken = 8;
const leastReach = 32 * 1024;
/** The clip's borders move in steps of this size. */
const clipStep = 4 * 1024;

/** The text around `position`, as if `selected` had been accepted, for prompts of up to `contextTokens`. */
export function caretContext(
  document: CompletionDocument,
  position: Position,
  contextTokens: number,
  selected?: SelectedSuggestion,
): CaretContext {
  const reach = Math.max(leastReach, unitsPerToken * contextTokens);
  const text = document.getText();
  const before = document.offsetAt(selected?.range.start ?? position);
  const after = document.offsetAt(selected?.range.end ?? position);
  const prefix = toLineFeeds(text.slice(clipStart(text, before, reach), before)) + (selected?.text ?? '');
  const suffix = toLineFeeds(text.slice(after, clipEnd(text, after, reach)));
  return {
    prefix,
    suffix,
    linePrefix: prefix.slice(prefix.lastIndexOf('\n') + 1),
    lineSuffix: firstLine(suffix),
    lineEnding: lineEndingAt(text, before),
  };
}

/**
 * Both borders move in coarse steps, the first one from line start to line start, so that typing changes
 * nothing at the far ends of the text: the prompt's beginning stays as it is and the KV cache valid.
 */
function clipStart(text: string, offset: number, reach: number): number {
  if (offset <= reach) return 0;
  const coarse = Math.ceil((offset - reach) / clipStep) * clipStep;
  const lineBreak = text.lastIndexOf('\n', coarse - 1);
  // A single line longer than a step cannot be cut at its start.
  if (coarse - lineBreak <= clipStep) return lineBreak + 1;
  return splitsSurrogatePair(text, coarse) ? coarse + 1 : coarse;
}

/** Counted from the end of the document, which typing at the caret does not move. */
function clipEnd(text: string, offset: number, reach: number): number {
  const beyond = text.length - offset - reach;
  if (beyond <= 0) return text.length;
  const end = text.length - Math.floor(beyond / clipStep) * clipStep;
  return splitsSurrogatePair(text, end) ? end - 1 : end;
}

/** The model and its tokenizer know one line ending. */
export function toLineFeeds(text: string): string {
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
