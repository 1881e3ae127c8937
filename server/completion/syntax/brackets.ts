import type { Span } from './lexing';

export interface Bracket {
  readonly character: string;
  readonly at: number;
}

export const closerOf: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** The brackets of a text that have no partner in it, in order. */
export interface Unmatched {
  readonly openers: readonly Bracket[];
  readonly closers: readonly Bracket[];
}

/** A closer that fits an outer bracket closes what is open in between as well: code is unfinished while it is written. */
export function unmatched(text: string, opaque: readonly Span[]): Unmatched {
  const openers: Bracket[] = [];
  const closers: Bracket[] = [];
  let span = 0;
  for (let at = 0; at < text.length; at++) {
    while ((opaque[span]?.end ?? Number.POSITIVE_INFINITY) <= at) span++;
    const within = opaque[span];
    if (within !== undefined && within.start <= at) {
      at = within.end - 1;
      continue;
    }
    const character = text.charAt(at);
    if (closerOf[character] !== undefined) openers.push({ character, at });
    else if (')]}'.includes(character)) {
      const opener = openers.findLastIndex((open) => closerOf[open.character] === character);
      if (opener < 0) closers.push({ character, at });
      else openers.length = opener;
    }
  }
  return { openers, closers };
}

/** A bracket that is open at the caret. */
export interface OpenBracket extends Bracket {
  /** White space at the start of its line. */
  readonly indentation: string;
  /** Whether what follows the caret closes it. */
  readonly isClosed: boolean;
}

/**
 * Which of the brackets before the caret what follows it closes. A closer that begins its line belongs to the bracket
 * whose line is indented like it; one within a line to the innermost of its kind.
 */
export function openBrackets(
  prefix: string,
  suffix: string,
  openers: readonly Bracket[],
  closers: readonly Bracket[],
): OpenBracket[] {
  const open = openers.map((bracket) => ({
    ...bracket,
    indentation: indentationAt(prefix, bracket.at),
    isClosed: false,
  }));
  let left = open.length;
  for (const closer of closers) {
    const fits = open.slice(0, left).findLastIndex((bracket) => {
      if (closerOf[bracket.character] !== closer.character) return false;
      const before = beforeInLine(suffix, closer.at);
      return before === undefined || before === bracket.indentation;
    });
    const found = open[fits];
    if (found === undefined) break;
    found.isClosed = true;
    left = fits;
  }
  return open;
}

function indentationAt(text: string, at: number): string {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}

/** The white space before a closer that is the first thing in its line; undefined for any other, and on the caret's line. */
function beforeInLine(suffix: string, at: number): string | undefined {
  const lineStart = suffix.lastIndexOf('\n', at - 1) + 1;
  const before = suffix.slice(lineStart, at);
  // A row of closers begins with the first of them.
  const indentation = /^[ \t]*(?=[)\]}]*$)/.exec(before)?.[0];
  return lineStart === 0 ? undefined : indentation;
}
