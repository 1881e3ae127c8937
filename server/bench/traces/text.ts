import type { TraceChange, TracePosition } from '../../cli/trace';

/** Replaces `remove` characters from `at` on by `insert`; all edits of one change count from the same text. */
export interface TextEdit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

/** @param edits that do not overlap, in any order */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return lastFirst(edits).reduce(
    (changed, { at, remove, insert }) => changed.slice(0, at) + insert + changed.slice(at + remove),
    text,
  );
}

/** The edits that undo these, for the text that they give. */
export function inverse(text: string, edits: readonly TextEdit[]): TextEdit[] {
  let moved = 0;
  return [...lastFirst(edits)].reverse().map(({ at, remove, insert }) => {
    const undo = { at: at + moved, remove: insert.length, insert: text.slice(at, at + remove) };
    moved += insert.length - remove;
    return undo;
  });
}

/** Where an offset lies after the edits; what is inserted right there goes before it. */
export function mapOffset(offset: number, edits: readonly TextEdit[]): number {
  return edits.reduce((mapped, { at, remove, insert }) => {
    if (at + remove <= offset) return mapped + insert.length - remove;
    return at < offset ? mapped - (offset - at) + insert.length : mapped;
  }, offset);
}

/** As an editor sends one change: from the end of the document on, so that no range moves another. */
export function toTraceChanges(text: string, edits: readonly TextEdit[]): TraceChange[] {
  return lastFirst(edits).map(({ at, remove, insert }) => ({
    range: { start: positionAt(text, at), end: positionAt(text, at + remove) },
    text: insert,
  }));
}

export function positionAt(text: string, offset: number): TracePosition {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length - 1, character: offset - lineStart };
}

/** A line of a text: `[start, end)` without its line break. */
export interface Line {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function linesOf(text: string): Line[] {
  let start = 0;
  return text.split('\n').map((line) => {
    const at = start;
    start += line.length + 1;
    return { start: at, end: at + line.length, text: line };
  });
}

const lastFirst = (edits: readonly TextEdit[]) => [...edits].sort((a, b) => b.at - a.at);
