import { indentOf } from '../../completion/postprocess/indentation';
import { languageOf } from '../../languages';
import { randomIntegers } from './random';
import { readLines, remembered, sourceFiles } from './sourceFiles';

/**
 * What was taken out of a file: the rest of a line (`line`), what stands between two brackets or quotes that an editor
 * would have closed by itself (`pair`), what is in a block (`body`), or a statement in one (`statement`).
 */
export const shapes = ['line', 'pair', 'body', 'statement'] as const;
export type Shape = (typeof shapes)[number];

/** A file with something taken out at the caret. */
export interface CompletionPlace {
  readonly file: string;
  readonly language: string;
  readonly shape: Shape;
  readonly before: string;
  /** What was taken out. */
  readonly truth: string;
  readonly after: string;
}

type Random = (below: number) => number;
type Cut = Pick<CompletionPlace, 'before' | 'truth' | 'after'>;

/** Lines at both ends of a file are mostly imports and closing brackets. */
const margin = { top: 8, bottom: 2 };
const shortest = 10;
const mostLines = 12;
const commentOnly = /^(?:\/\/|\/\*|\*|#|<!--|--|""")/;
const closes = /^\s*[)\]}]/;

/**
 * Draws `n` different places, the shapes in turns: a folder by turns, one of its files and one of its lines by equal
 * chance. The same folders, `n` and seed give the same places on every machine.
 */
export function samplePlaces(
  folders: readonly string[],
  n: number,
  seed: number,
  note: (message: string) => void,
): CompletionPlace[] {
  const files = folders.map((folder) => sourceFiles(folder, note)).filter((found) => found.length > 0);
  const random = randomIntegers(seed);
  const read = remembered(readLines);
  const drawn = new Set<string>();
  const places: CompletionPlace[] = [];
  for (let tries = 0; files.length > 0 && places.length < n && tries < 400 * n; tries++) {
    const folder = files[tries % files.length] ?? [];
    const file = folder[random(folder.length)] ?? '';
    const lines = read(file);
    if (lines.length < margin.top + margin.bottom + 2) continue;
    const at = margin.top + random(lines.length - margin.top - margin.bottom);
    const shape = shapes[places.length % shapes.length] ?? 'line';
    const cut = cuts[shape](lines, at, random);
    if (cut === undefined || cut.truth.trim().length < 3 || drawn.has(`${file}:${at}`)) continue;
    drawn.add(`${file}:${at}`);
    places.push({ file, language: languageOf(file), shape, ...cut });
  }
  return places;
}

const cuts: Readonly<
  Record<Shape, (lines: readonly string[], at: number, random: Random) => Cut | undefined>
> = {
  line(lines, at, random) {
    const line = lines[at] ?? '';
    const content = line.trim();
    if (content.length < shortest || commentOnly.test(content)) return undefined;
    const column = indentOf(line).length + 2 + random(content.length - 5);
    return between(lines, at, column, at, line.length);
  },

  pair(lines, at, random) {
    const line = lines[at] ?? '';
    if (commentOnly.test(line.trim())) return undefined;
    const pairs = [...line.matchAll(/[([{"'`]/g)].flatMap(({ index }) => {
      const end = partnerOf(line, index);
      return end === undefined || end - index < 4 ? [] : [{ start: index + 1, end }];
    });
    const pair = pairs[random(Math.max(1, pairs.length))];
    return pair && between(lines, at, pair.start, at, pair.end);
  },

  body(lines, at, random) {
    const line = lines[at] ?? '';
    if (!/(?:[{[(]|=>|(?<=^\s*(?:def|class|if|for|while|with|try|else|elif)\b.*):)$/.test(line))
      return undefined;
    const end = endOfBlock(lines, at);
    if (end === undefined) return undefined;
    const inside = lines[at + 1] ?? '';
    // An editor that has begun the new line has indented it, too.
    return random(2) === 0
      ? between(lines, at, line.length, end, (lines[end] ?? '').length)
      : between(lines, at + 1, indentOf(inside).length, end, (lines[end] ?? '').length);
  },

  statement(lines, at) {
    const line = lines[at] ?? '';
    const indent = indentOf(line).length;
    const isCode = line.trim().length >= shortest && !closes.test(line) && !commentOnly.test(line.trim());
    if (indent === 0 || !isCode || !/[;{}:)]\s*$/.test(lines[at - 1] ?? '')) return undefined;
    const end = endOfBlock(lines, at) ?? at;
    const last = closes.test(lines[end + 1] ?? '') && end > at ? end + 1 : end;
    return between(lines, at, indent, last, (lines[last] ?? '').length);
  },
};

/** The last line that is indented deeper than line `at`; undefined if there is none, or too many. */
function endOfBlock(lines: readonly string[], at: number): number | undefined {
  const indent = indentOf(lines[at] ?? '').length;
  let end = at;
  for (let index = at + 1; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line.trim() === '') continue;
    if (indentOf(line).length <= indent) break;
    end = index;
  }
  return end === at || end - at > mostLines ? undefined : end;
}

const partners: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

function partnerOf(line: string, at: number): number | undefined {
  const opener = line.charAt(at);
  const closer = partners[opener];
  if (closer === undefined) {
    const end = line.indexOf(opener, at + 1);
    return end < 0 || (line.slice(0, at).split(opener).length - 1) % 2 === 1 ? undefined : end;
  }
  for (let index = at + 1, depth = 1; index < line.length; index++) {
    if (line[index] === opener) depth++;
    else if (line[index] === closer && --depth === 0) return index;
  }
  return undefined;
}

function between(lines: readonly string[], from: number, column: number, to: number, end: number): Cut {
  const text = lines.join('\n');
  const start = offsetOf(lines, from) + column;
  const stop = offsetOf(lines, to) + end;
  return { before: text.slice(0, start), truth: text.slice(start, stop), after: text.slice(stop) };
}

function offsetOf(lines: readonly string[], line: number): number {
  return lines.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0);
}
