import type { CaretContext } from '../caret';

export interface IndentationStyle {
  /** What one level is written with: a tab, or so many spaces. */
  readonly unit: string;
}

export const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? '';

/** UTF-16 units on each side of the caret that are looked at. */
const reach = 8 * 1024;
const mostSpaces = 8;

/** What the file is indented with near the caret, where the caret itself stands included; undefined where nothing is. */
export function indentationStyle({ prefix, suffix, linePrefix }: CaretContext): IndentationStyle | undefined {
  const start = prefix.length > reach ? prefix.indexOf('\n', prefix.length - reach) + 1 : 0;
  const lines = `${prefix.slice(start)}${suffix.slice(0, reach)}`.split('\n');
  const indents = [...lines.filter((line) => line.trim() !== ''), `${linePrefix}x`].map(indentOf);
  const tabs = indents.filter((indent) => indent.startsWith('\t')).length;
  const spaces = indents.filter((indent) => indent.startsWith('  ')).length;
  if (tabs === 0 && spaces === 0) return undefined;
  return { unit: tabs > spaces ? '\t' : ' '.repeat(commonStep(indents)) };
}

/** The number of spaces by which lines are most often deeper than the line above. */
function commonStep(indents: readonly string[]): number {
  const counts = new Map<number, number>();
  for (const [index, indent] of indents.entries()) {
    const step = indent.length - (indents[index - 1]?.length ?? 0);
    if (step >= 2 && step <= mostSpaces && index > 0) counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  const [step] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [2];
  return step;
}
