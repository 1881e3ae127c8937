import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkAround, chunksOf, identifiersOf, jaccard } from '../../../server/retrieval/chunks';

const source = (lines: readonly string[]) => ({ uri: 'file:///a.ts', languageId: 'typescript', lines });
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `line${i}`);

it('compares texts by the names they share', () => {
  expect([...identifiersOf('const shelfOf = (book) => { return id + ab; }')]).toEqual(['shelfOf', 'book']);
  expect(jaccard(new Set([1, 2, 3]), new Set([2, 3, 4]))).toBe(0.5);
  expect(jaccard(new Set(), new Set([1]))).toBe(0);
  expect(jaccard(new Set([1]), new Set([1]))).toBe(1);
});

describe('a chunk around a line', () => {
  it('has the line in its middle, and what is blank not at its ends', () => {
    const chunk = chunkAround(source(numbered(100)), 50, { lines: 11, characters: 1000 });
    expect(chunk).toMatchObject({ start: 45, end: 56 });
    const few = chunkAround(source(['', 'aaa', 'bbb', '', 'ccc', '']), 3, { lines: 64, characters: 1000 });
    expect(few).toMatchObject({ start: 1, end: 5, text: 'aaa\nbbb\n\nccc' });
  });

  it('is not there where there is too little text', () => {
    expect(chunkAround(source(['', 'a', '', 'b']), 1, { lines: 2, characters: 100 })).toBeUndefined();
    expect(chunkAround(source([]), 5, { lines: 9, characters: 100 })).toBeUndefined();
    expect(chunkAround(source(['x'.repeat(500)]), 0, { lines: 9, characters: 100 })).toBeUndefined();
  });
});

describe('the chunks of a document', () => {
  it('end where a line is blank, if they can', () => {
    const lines = [...numbered(7), '', ...numbered(6)];
    const chunks = chunksOf(source(lines), { lines: 10, characters: 1000 });
    expect(chunks.map(({ start, end }) => [start, end])).toEqual([
      [0, 7],
      [8, 14],
    ]);
  });

  it('are what the document says, one behind the other, none too long', () => {
    const line = fc.constantFrom('', '  ', 'a', 'const b = 1;', 'x'.repeat(90));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 80 }), fc.integer({ min: 3, max: 20 }), (lines, most) => {
        const size = { lines: most, characters: 80 };
        let last = 0;
        for (const { start, end, text } of chunksOf(source(lines), size)) {
          expect(start).toBeGreaterThanOrEqual(last);
          expect(end - start).toBeLessThanOrEqual(size.lines);
          expect(text.length).toBeLessThanOrEqual(size.characters);
          expect(text).toBe(lines.slice(start, end).join('\n'));
          last = end;
        }
      }),
    );
  });
});
