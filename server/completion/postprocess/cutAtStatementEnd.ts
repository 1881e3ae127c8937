import { type Filter, isCutOff } from './filter';

/**
 * By the syntax tree: several lines end with the first statement that takes more than one, and a text that was cut off
 * ends with its last whole statement, where there is one.
 */
export const cutAtStatementEnd: Filter = (completion, context) => {
  const text = completion.trimEnd();
  if (context.syntax === undefined || !text.includes('\n')) return completion;
  const end = context.syntax.written(text, ({ statements, isBetweenStatements }) => {
    const block = statements.findIndex(({ start, end }) => text.slice(start, end).includes('\n'));
    const next = statements[block + 1];
    const last = statements[block];
    if (block >= 0 && last !== undefined && next !== undefined)
      return lineEndFrom(text, last.end, next.start);
    return isCutOff(context) ? lastWhole(text, isBetweenStatements) : text.length;
  });
  return end === undefined || end >= text.length ? completion : text.slice(0, end);
};

/** The statement's line, with what ends it and a comment behind it; the statement alone where the next begins in its line. */
function lineEndFrom(text: string, end: number, next: number): number {
  const lineEnd = text.indexOf('\n', end);
  return lineEnd >= 0 && lineEnd < next ? lineEnd : end;
}

/** The end of the last line behind which a statement may begin; all of the text where there is none. */
function lastWhole(text: string, isBetween: (at: number) => boolean): number {
  const ends = [...text.matchAll(/(?<=\S)(?=[ \t]*(?:\n|$))/g)].map((match) => match.index);
  return ends.findLast((end) => opensBlock(text, end) || isBetween(end)) ?? text.length;
}

const opensBlock = (text: string, at: number): boolean => text[at - 1] === '{' || text[at - 1] === ':';
