import { splitsSurrogatePair } from '../../completion/guards';
import { languageOf } from '../../languages';
import { randomIntegers } from './random';
import { readLines, remembered, sourceFiles } from './sourceFiles';

/** A file with the rest of one line taken out. */
export interface LineSample {
  readonly language: string;
  readonly before: string;
  /** What was taken out. */
  readonly rest: string;
  readonly after: string;
}

/** Lines at both ends of a file are mostly imports and closing brackets. */
const margin = { top: 8, bottom: 2 };
const shortestLine = 10;
/** Characters that are left on each side of the cut: nobody asks for less. */
const leastKept = 2;
const leastTaken = 3;
const commentOnly = /^(?:\/\/|\/\*|\*|#|<!--|--)/;

/**
 * Draws up to `n` different lines: a file by equal chance, then one of its lines, then a place in the
 * line. The same folder, `n` and seed give the same lines on every machine. Skipped are files that are
 * binary, minified, tiny, huge, or of no known language; lines that are comments only or shorter than
 * 10 characters.
 * @param note told about each folder or file below that cannot be read; the others are drawn from
 * @param isAllowed whether a file (path) may be drawn from
 */
export function sampleLines(
  folder: string,
  n: number,
  seed: number,
  note: (message: string) => void,
  isAllowed: (file: string) => boolean = () => true,
): LineSample[] {
  const files = sourceFiles(folder, note);
  const random = randomIntegers(seed);
  const read = remembered(readLines);
  const drawn = new Set<string>();
  const samples: LineSample[] = [];
  for (let tries = 0; files.length > 0 && samples.length < n && tries < 40 * n; tries++) {
    const file = files[random(files.length)] ?? '';
    if (!isAllowed(file)) continue;
    const lines = read(file);
    if (lines.length < margin.top + margin.bottom + 2) continue;
    const line = margin.top + random(lines.length - margin.top - margin.bottom);
    const place = cutPlace(lines[line] ?? '', random);
    const name = `${file}:${line}`;
    if (place === undefined || drawn.has(name)) continue;
    drawn.add(name);
    samples.push(cut(lines, line, place, languageOf(file)));
  }
  return samples;
}

function cutPlace(line: string, random: (below: number) => number): number | undefined {
  const content = line.trim();
  if (content.length < shortestLine || commentOnly.test(content)) return undefined;
  const indent = line.length - line.trimStart().length;
  const place = indent + leastKept + random(content.length - leastKept - leastTaken);
  return splitsSurrogatePair(line, place) ? place - 1 : place;
}

function cut(lines: readonly string[], line: number, place: number, language: string): LineSample {
  const content = lines[line] ?? '';
  return {
    language,
    before: [...lines.slice(0, line), content.slice(0, place)].join('\n'),
    rest: content.slice(place),
    after: `\n${lines.slice(line + 1).join('\n')}`,
  };
}
