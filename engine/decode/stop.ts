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

/** In the middle of a line: the completion has arrived at what stands behind the caret. */
function restOfLineReached(suffix: string): StopRule {
  const rest = firstLine(suffix).trim();
  return (text) => {
    if (rest.length < shortestSuffix || !text.endsWith(rest)) return undefined;
    return { reason: 'suffix-reached', text: text.slice(0, -rest.length) };
  };
}

/** The completion has written the document's next line: it ends before that. */
function suffixReached(suffix: string): StopRule {
  const next = suffix
    .slice(firstLine(suffix).length)
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '');
  return (text) => {
    if (next === undefined || next.length < shortestSuffix) return undefined;
    const complete = text.split('\n').slice(1, -1);
    const at = complete.findIndex((line) => line.trim() === next);
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

const firstLine = (text: string) => text.split('\n', 1)[0] as string;
const indentation = (line: string) => line.length - line.trimStart().length;
/** A line that only closes: `}`, `});`, `]`, `end`. `} else {` goes on. */
const closesBlock = (line: string) => /^\s*([)\]}]+[;,]?|end)\s*$/.test(line);
const continuesBlock = (line: string) => /^\s*([)\]}]|else\b|elif\b|except\b|finally\b|catch\b)/.test(line);
