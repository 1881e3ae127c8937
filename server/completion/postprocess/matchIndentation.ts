import { opaqueSpans } from '../syntax/lexing';
import type { Filter, FilterContext } from './filter';
import { indentationStyle, indentOf } from './indentation';

/**
 * Indentation as the file has it: with tabs where it has tabs, with spaces where it has spaces, and a first line that
 * begins where its block does, however much white space the model puts before it.
 */
export const matchIndentation: Filter = (completion, context) => {
  // There tabs and spaces mean different things.
  if (context.languageId === 'makefile') return completion;
  const style = indentationStyle(context);
  if (style === undefined) return completion;
  const lines = inStyle(completion, style.unit, context);
  const [first = '', ...rest] = inSteps(lines, style.unit, indentOf(context.linePrefix).length);
  const shift = surplus(first, style.unit, context);
  if (shift === 0) return [first, ...rest].join('\n');
  // The rest was written for the same wrong start, if all of it is as deep.
  const least = context.linePrefix.length + shift;
  const isDeeper = rest.every((line) => line.trim() === '' || indentOf(line).length >= least);
  return [first.slice(shift), ...rest.map((line) => (isDeeper ? line.slice(shift) : line))].join('\n');
};

/** The lines, indented with what the file is indented with; those within a text of several lines stay as they are. */
function inStyle(completion: string, unit: string, context: FilterContext): string[] {
  const lines = completion.split('\n');
  const indents = lines.map(indentOf);
  const wrong = unit === '\t' ? '  ' : '\t';
  const startsLine = context.linePrefix.trim() === '';
  if (!indents.some((indent, index) => indent.includes(wrong) && (index > 0 || startsLine))) return lines;

  // What is a level in the wrong characters shows in the least indented line.
  const level = Math.min(...indents.map((indent) => indent.length).filter((length) => length >= 2));
  const texts = opaqueSpans(completion, context.languageId).filter(({ start }) =>
    /["'`]/.test(completion.charAt(start)),
  );
  let offset = 0;
  return lines.map((line, index) => {
    const start = offset;
    offset += line.length + 1;
    const isText = texts.some((span) => span.start < start && start < span.end);
    const indent = indents[index] ?? '';
    if (isText || !indent.includes(wrong) || (index === 0 && !startsLine)) return line;
    return convert(indent, unit, level) + line.slice(indent.length);
  });
}

/** Half levels are made whole ones: further lines that are indented by two spaces where the file has four. */
function inSteps(lines: readonly string[], unit: string, base: number): readonly string[] {
  const rest = lines.slice(1).filter((line) => line.trim() !== '');
  const depths = rest.map((line) => indentOf(line).length - base);
  const step = depths.reduce(greatestDivisor, 0);
  const isHalf = step >= 2 && 2 * step === unit.length && depths.every((depth) => depth >= 0);
  if (!isHalf || rest.some((line) => /^\s*\*/.test(line))) return lines;
  return lines.map((line, index) => {
    const depth = indentOf(line).length - base;
    return index === 0 || depth <= 0 ? line : ' '.repeat(base + 2 * depth) + line.trimStart();
  });
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

function convert(indent: string, unit: string, level: number): string {
  if (unit !== '\t') return indent.replaceAll('\t', unit);
  return indent.replaceAll(' '.repeat(level), '\t').replace(/^(\t*) +(\t+)/, '$1$2');
}

const opensBlock = /(?:[{([:]|=>)\s*$/;
/** A line that goes on with the one above may be deeper than it. */
const continues = /^\s*(?:[.?:&|+*/<>=-]|and\b|or\b)/;

/** Units of white space at the start of the first line that lead beyond its block, where the caret stands in white space. */
function surplus(first: string, unit: string, { linePrefix, prefix }: FilterContext): number {
  const lead = indentOf(first).length;
  // At the start of a line it is the model that brings the indentation.
  if (lead === 0 || linePrefix === '' || linePrefix.trim() !== '') return 0;
  if (first.trim() === '' || continues.test(first)) return 0;
  const lines = prefix.slice(0, prefix.length - linePrefix.length).split('\n');
  const above = lines.findLast((line) => line.trim() !== '') ?? '';
  const outer = indentOf(above).length;
  // Where the caret is, somebody or the editor has chosen; only behind a line that opens a block may one level be missing.
  const isMissing = opensBlock.test(above) && linePrefix.length <= outer;
  return isMissing ? Math.min(lead, Math.max(0, linePrefix.length + lead - outer - unit.length)) : lead;
}
