/** A piece of a document, of whole lines. */
export interface Chunk {
  readonly uri: string;
  readonly languageId: string;
  /** Line of the document, from 0. */
  readonly start: number;
  /** Line behind the last one. */
  readonly end: number;
  readonly text: string;
  readonly identifiers: ReadonlySet<string>;
}

export interface ChunkSource {
  readonly uri: string;
  readonly languageId: string;
  readonly lines: readonly string[];
}

/** How large a chunk may be; both hold. */
export interface ChunkSize {
  readonly lines: number;
  readonly characters: number;
}

/** llama.vscode's. */
const leastLines = 3;

/** Names of three characters and more; shorter ones, and what every text has, tell nothing. */
export function identifiersOf(text: string): Set<string> {
  return new Set((text.match(/[\p{L}_$][\p{L}\p{N}_$]{2,}/gu) ?? []).filter((name) => !common.has(name)));
}

const common: ReadonlySet<string> = new Set(
  'and any are async await bool boolean break case catch char class const continue def default delete elif else enum except export extends false final finally float for from func function get if impl implements import int interface let match mut new nil none not null number package pass private protected public pub raise readonly return self set static str string struct super switch the this throw throws true try type typeof undefined use using val var void while with yield'.split(
    ' ',
  ),
);

/** Shared ones of all: 1 for equal sets, 0 for sets that have nothing in common. */
export function jaccard<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): number {
  if (a.size === 0 || b.size === 0) return 0;
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const each of small) if (large.has(each)) shared++;
  return shared / (a.size + b.size - shared);
}

/** Lines without the white space around them, the blank ones left out. */
export const linesOf = (text: string): Set<string> =>
  new Set(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );

/** Whether two chunks have lines of the same document in common. */
export const overlap = (a: Chunk, b: Chunk): boolean => a.uri === b.uri && a.start < b.end && b.start < a.end;

/** The chunk around a line; undefined where there is too little text to tell anything. */
export function chunkAround(source: ChunkSource, line: number, size: ChunkSize): Chunk | undefined {
  const { lines } = source;
  let start = Math.max(0, Math.min(line, lines.length - 1));
  let end = start;
  let characters = 0;
  // It grows by turns on both sides, so that the line stays in the middle as far as there is text.
  for (let grown = true; grown && end - start < size.lines; ) {
    grown = false;
    for (const next of [end, start - 1]) {
      const length = (lines[next]?.length ?? Number.POSITIVE_INFINITY) + 1;
      if (end - start >= size.lines || characters + length > size.characters) continue;
      characters += length;
      if (next === end) end++;
      else start = next;
      grown = true;
    }
  }
  return chunkOf(source, start, end);
}

/** All of a document in chunks, one behind the other. A chunk rather ends where a line is blank. */
export function chunksOf(source: ChunkSource, size: ChunkSize): Chunk[] {
  const { lines } = source;
  const chunks: Chunk[] = [];
  for (let start = 0; start < lines.length; ) {
    let end = start;
    let characters = 0;
    while (end < lines.length && end - start < size.lines) {
      characters += (lines[end]?.length ?? 0) + 1;
      if (characters > size.characters) break;
      end++;
    }
    if (end < lines.length) end = blankBefore(lines, start, end);
    const chunk = chunkOf(source, start, end);
    if (chunk !== undefined) chunks.push(chunk);
    // A line that is longer than a chunk may be is left out.
    start = Math.max(end, start + 1);
  }
  return chunks;
}

/** The last blank line in the second half of a range, else its end. */
function blankBefore(lines: readonly string[], start: number, end: number): number {
  for (let line = end - 1; line > start + (end - start) / 2; line--)
    if (lines[line]?.trim() === '') return line + 1;
  return end;
}

function chunkOf({ uri, languageId, lines }: ChunkSource, from: number, to: number): Chunk | undefined {
  let [start, end] = [from, to];
  while (start < end && lines[start]?.trim() === '') start++;
  while (end > start && lines[end - 1]?.trim() === '') end--;
  if (end - start < leastLines) return undefined;
  const text = lines.slice(start, end).join('\n');
  return { uri, languageId, start, end, text, identifiers: identifiersOf(text) };
}
