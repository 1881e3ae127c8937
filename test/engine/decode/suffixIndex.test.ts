import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSuffixIndex, type Match } from '../../../engine/decode/suffixIndex';

const texts = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 });

function indexOf(text: readonly number[], expected?: number) {
  const index = createSuffixIndex(expected);
  for (const token of text) index.push(token);
  return index;
}

/** All places of a text that something follows, with how many tokens before them end the sequence. */
function matches(text: readonly number[], sequence: readonly number[]): Match[] {
  return text.map((_, end) => {
    let length = 0;
    while (length < Math.min(end, sequence.length) && text[end - 1 - length] === sequence.at(-1 - length))
      length++;
    return { length, end };
  });
}

test('finds the longest match at the end of the text itself, the latest among equals', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const index = createSuffixIndex(4);
      text.forEach((token, i) => {
        index.push(token);
        const seen = text.slice(0, i + 1);
        const most = Math.max(...matches(seen, seen).map(({ length }) => length));
        const expected = matches(seen, seen).findLast(({ length }) => length === most);
        expect(index.longest(seen)).toEqual(most < 3 ? undefined : expected);
      });
      expect(index.length).toBe(text.length);
    }),
    { numRuns: 300 },
  );
});

test('finds the end of another sequence, the longest match and the first of three tokens', () => {
  fc.assert(
    fc.property(texts, texts, (text, sequence) => {
      const index = indexOf(text);
      const all = matches(text, sequence).filter(({ length }) => length >= 3);
      const longest = all.reduce<Match | undefined>(
        (a, b) => (b.length >= (a?.length ?? 0) ? b : a),
        undefined,
      );
      expect(index.longest(sequence)).toEqual(longest);
      expect(index.first(sequence)?.end).toBe(all[0]?.end);
    }),
    { numRuns: 300 },
  );
});

test('a longer match of long ago is found behind many shorter ones', () => {
  const often = Array.from({ length: 100 }, () => [8, 1, 2, 3]).flat();
  const text = [5, 6, 7, 1, 2, 3, 99, ...often, 5, 6, 7, 1, 2, 3];
  expect(indexOf(text).longest(text)).toEqual({ length: 6, end: 6 });
});

test('a text that repeats one token costs no more than a bounded number of comparisons for each', () => {
  const time = (tokenAt: (i: number) => number) => {
    const index = createSuffixIndex();
    const text: number[] = [];
    const started = performance.now();
    for (let i = 0; i < 20_000; i++) {
      text.push(tokenAt(i));
      index.push(tokenAt(i));
      index.longest(text);
    }
    return performance.now() - started;
  };
  time((i) => i % 7);
  const distinct = time((i) => i);
  expect(time((i) => i % 7)).toBeLessThan(100 * distinct);
  expect(time(() => 1)).toBeLessThan(100 * distinct);
});
