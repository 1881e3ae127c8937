import { type Line, linesOf, type TextEdit } from './text';

/** A seeded source of whole numbers in [0, below). */
export type Random = (below: number) => number;

export interface Place {
  readonly text: string;
  readonly caret: number;
}

/** What is done elsewhere in the document while the caret stays; undefined where the text has no place for it. */
export type Edit = (place: Place, donor: string, random: Random) => TextEdit[] | undefined;

/** Lines between the caret and an edit: mostly what is on the screen. */
const nearLines = 8;
const screenLines = 40;
const leastOccurrences = 3;
const keywords = new Set(
  'await break case catch class const continue default delete else export extends false finally function implements import interface return static super switch this throw true typeof undefined void while yield'.split(
    ' ',
  ),
);

/** A statement that comes from other code, on a line of its own above the caret. */
export const insertion: Edit = ({ text, caret }, donor, random) => {
  const line = lineAbove(text, caret, random, isStatement);
  const statement = pick(linesOf(donor).filter(isStatement), random);
  if (line === undefined || statement === undefined) return undefined;
  return [{ at: line.end, remove: 0, insert: `\n${indentation(line)}${statement.text.trim()}` }];
};

/** A statement above the caret goes, its line with it. */
export const deletion: Edit = ({ text, caret }, _, random) => {
  const line = lineAbove(text, caret, random, isStatement);
  return line && [{ at: line.start, remove: line.end + 1 - line.start, insert: '' }];
};

/** 5 to 20 lines of other code above the caret. */
export const paste: Edit = ({ text, caret }, donor, random) => {
  const line =
    lineAbove(text, caret, random, ({ text: content }) => content.trim() === '') ??
    lineAbove(text, caret, random, isStatement);
  const lines = linesOf(donor);
  const count = 5 + random(16);
  if (line === undefined || lines.length <= count) return undefined;
  const from = random(lines.length - count);
  const block = lines.slice(from, from + count).map((each) => each.text);
  return [{ at: line.end, remove: 0, insert: `\n${block.join('\n')}` }];
};

/** One identifier gets another name wherever it occurs. */
export const rename: Edit = ({ text }, _, random) => {
  const counts = new Map<string, number>();
  for (const [name] of text.matchAll(/(?<![\w$])[A-Za-z]\w{3,}(?![\w$])/g))
    counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = [...counts].filter(
    ([name, count]) => count >= leastOccurrences && count <= 12 && !keywords.has(name),
  );
  const old = pick(names, random)?.[0];
  const ending = pick(['Value', 'Item', 'Next', 'Count', 'State'], random);
  if (old === undefined || ending === undefined || counts.has(old + ending)) return undefined;
  return occurrences(text, old).map((at) => ({ at, remove: old.length, insert: old + ending }));
};

/** Where a whole identifier stands. */
export function occurrences(text: string, name: string): number[] {
  return [...text.matchAll(new RegExp(`(?<![\\w$])${name}(?![\\w$])`, 'g'))].map(({ index }) => index);
}

export function pick<T>(choices: readonly T[], random: Random): T | undefined {
  return choices[random(Math.max(1, choices.length))];
}

/** A line above that of the caret: half of the time near it, mostly on the screen, sometimes anywhere. */
function lineAbove(
  text: string,
  caret: number,
  random: Random,
  isWanted: (line: Line) => boolean,
): Line | undefined {
  const lines = linesOf(text.slice(0, caret)).slice(0, -1);
  const reach =
    [nearLines, nearLines, nearLines, screenLines, screenLines, lines.length][random(6)] ?? lines.length;
  return pick(lines.slice(-reach).filter(isWanted), random) ?? pick(lines.filter(isWanted), random);
}

const isStatement = ({ text }: Line) => /^\s+[^\s*/].*[;,]$/.test(text);

const indentation = ({ text }: Line) => /^\s*/.exec(text)?.[0] ?? '';
