import { opaqueBehind } from '../syntax/lexing';
import type { Filter } from './filter';

/** A line that ends what is above it. */
const closes = /^\s*(?:[)\]}]|<\/|end\b)/;
/** A line that goes on with what is above it, at the same level. */
const continues =
  /^\s*(?:else|elif|except|finally|catch|rescue|while|case|default|when|then|do|begin|[{.?:&|+])/;

/**
 * By indentation: the scope of the caret ends before a line that is indented less than the caret's own line, or as little where
 * the scope has begun in that line. A line that closes belongs to what it closes.
 */
export const cutAtDedent: Filter = (completion, { linePrefix, languageId }) => {
  const lines = completion.split('\n');
  if (lines.length === 1) return completion;
  const first = linePrefix + (lines[0] ?? '');
  const base = widthOf(first.trim() === '' ? linePrefix : first);
  const isInside = (line: string): boolean => {
    const width = widthOf(line);
    return (
      width > base ||
      (width === base && (linePrefix.trim() === '' || continues.test(line) || closes.test(line)))
    );
  };
  const opaque = opaqueBehind(linePrefix, completion, languageId);
  let offset = (lines[0] ?? '').length + 1;
  for (const [index, line] of lines.entries()) {
    if (index === 0) continue;
    const start = offset;
    offset += line.length + 1;
    if (line.trim() === '' || isInside(line)) continue;
    // What stands in a string of several lines is no code.
    if (opaque.some((span) => span.start < start && start < span.end)) continue;
    return lines.slice(0, closes.test(line) ? index + 1 : index).join('\n');
  }
  return completion;
};

function widthOf(line: string): number {
  return (/^[ \t]*/.exec(line)?.[0] ?? '').replaceAll('\t', '    ').length;
}
