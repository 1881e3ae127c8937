import type { CompletionMode, StopReason } from '../completion';

/** Where the text of a completion ends, and why. */
export interface Stop {
  readonly reason: StopReason;
  /** The completion up to its end. */
  readonly text: string;
}

/** Looks at the text so far and says whether it is complete. */
export type StopRule = (text: string) => Stop | undefined;

/** What follows the caret is recognised from this many characters on: shorter matches are chance. */
const shortestSuffix = 3;

/** The rules of one request, in the order in which they are asked. */
export function stopRules(mode: CompletionMode, prefix: string, suffix: string): StopRule {
  const rules =
    mode === 'line' ? [lineEnd, restOfLineReached(suffix)] : [suffixReached(suffix), scopeLeft(prefix)];
  return (text) => {
    for (const rule of rules) {
      const stop = rule(text);
      if (stop) return stop;
    }
    return undefined;
  };
}

function lineEnd(text: string): Stop | undefined {
  const end = text.indexOf('\n');
  return end < 0 ? undefined : { reason: 'line-end', text: text.slice(0, end) };
}

/**
 * In the middle of a line: the completion has arrived at what stands behind the caret. What closes a bracket of the completion
 * itself is not there yet: `g(a, options)` before `, options)`.
 */
function restOfLineReached(suffix: string): StopRule {
  const rest = firstLine(suffix).trim();
  const closesMore = unmatched(rest).closers > 0;
  return (text) => {
    if (rest.length < shortestSuffix || !text.endsWith(rest)) return undefined;
    const before = text.slice(0, -rest.length);
    if (closesMore && unmatched(before).openers > 0) return undefined;
    return { reason: 'suffix-reached', text: before };
  };
}

/**
 * The completion has written the document's next line: it ends before that. A line that is indented more belongs to a block
 * within the completion, however alike they are: `return null;` in an `if` before `return null;`.
 */
function suffixReached(suffix: string): StopRule {
  const next = suffix
    .slice(firstLine(suffix).length)
    .split('\n')
    .find((line) => line.trim() !== '');
  return (text) => {
    if (next === undefined || next.trim().length < shortestSuffix) return undefined;
    const isNext = (line: string) => line.trim() === next.trim() && indentation(line) <= indentation(next);
    const complete = text.split('\n').slice(1, -1);
    const at = complete.findIndex(isNext);
    if (at < 0) return undefined;
    return {
      reason: 'suffix-reached',
      text: text
        .split('\n')
        .slice(0, at + 1)
        .join('\n'),
    };
  };
}

/**
 * The scope that the caret is in has ended, told by indentation: before a line that is indented less than the
 * caret's own line, behind a line that closes the block which the completion opened, or at a blank line.
 */
function scopeLeft(prefix: string): StopRule {
  const caretLine = prefix.slice(prefix.lastIndexOf('\n') + 1);
  const base = indentation(caretLine);
  const startsBlank = caretLine.trim() === '';
  return (text) => {
    const lines = text.split('\n');
    // The last line may still grow, and the first one belongs to the caret's line.
    for (let i = 1; i < lines.length - 1; i++) {
      const line = lines[i] as string;
      const ended = (count: number): Stop => ({
        reason: 'scope-left',
        text: lines.slice(0, count).join('\n'),
      });
      if (line.trim() === '') {
        // A blank line right after the caret's own is the gap before the first statement.
        if (i > 1 || lines[0]?.trim() !== '') return ended(i);
        continue;
      }
      const depth = indentation(line);
      if (depth < base) return ended(i);
      if (depth === base && closesBlock(line)) return ended(i + 1);
      if (depth === base && !startsBlank && !continuesBlock(line)) return ended(i);
    }
    return undefined;
  };
}

/** Brackets that a text opens and does not close, and those that it closes and did not open; of any kind, also in strings. */
function unmatched(text: string): { readonly openers: number; readonly closers: number } {
  let openers = 0;
  let closers = 0;
  for (const [bracket] of text.matchAll(/[()[\]{}]/g)) {
    if ('([{'.includes(bracket)) openers++;
    else if (openers > 0) openers--;
    else closers++;
  }
  return { openers, closers };
}

const firstLine = (text: string) => text.split('\n', 1)[0] as string;
const indentation = (line: string) => line.length - line.trimStart().length;
/** A line that only closes: `}`, `});`, `]`, `end`. `} else {` goes on. */
const closesBlock = (line: string) => /^\s*([)\]}]+[;,]?|end)\s*$/.test(line);
const continuesBlock = (line: string) => /^\s*([)\]}]|else\b|elif\b|except\b|finally\b|catch\b)/.test(line);
