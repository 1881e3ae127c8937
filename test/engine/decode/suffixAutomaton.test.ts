import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSuffixAutomaton } from '../../../engine/decode/suffixAutomaton';

/** Length of the longest suffix that also ends earlier, and where it ends for the first time. */
function naive(text: readonly number[]): { length: number; end: number } {
  for (let length = text.length - 1; length > 0; length--) {
    const suffix = text.slice(text.length - length);
    for (let end = length; end < text.length; end++) {
      if (suffix.every((token, i) => token === text[end - length + i])) return { length, end };
    }
  }
  return { length: 0, end: 0 };
}

test('follows the longest suffix that occurred before, and where it did first', () => {
  const texts = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 });
  fc.assert(
    fc.property(texts, (text) => {
      const automaton = createSuffixAutomaton();
      text.forEach((token, i) => {
        automaton.push(token);
        expect(automaton.match).toEqual(naive(text.slice(0, i + 1)));
      });
      expect(automaton.length).toBe(text.length);
    }),
    { numRuns: 300 },
  );
});

const texts = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 });

/** Where the last `length` tokens of a sequence end for the first time in a text. */
function firstEnd(text: readonly number[], sequence: readonly number[], length: number): number | undefined {
  if (length > sequence.length) return undefined;
  const suffix = sequence.slice(sequence.length - length);
  for (let end = length; end <= text.length; end++) {
    if (suffix.every((token, i) => token === text[end - length + i])) return end;
  }
  return undefined;
}

test('a cursor follows the longest suffix of another sequence', () => {
  fc.assert(
    fc.property(texts, texts, (text, sequence) => {
      const automaton = createSuffixAutomaton(4);
      for (const token of text) automaton.push(token);
      const cursor = automaton.follow();
      sequence.forEach((token, i) => {
        cursor.push(token);
        const seen = sequence.slice(0, i + 1);
        const { length, end } = cursor.match;
        expect(firstEnd(text, seen, length)).toBe(end);
        expect(firstEnd(text, seen, length + 1)).toBeUndefined();
      });
    }),
    { numRuns: 300 },
  );
});

test('knows where a shorter suffix than the longest ends first', () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 5 }), (text, length) => {
      const automaton = createSuffixAutomaton();
      for (const token of text) automaton.push(token);
      const end = firstEnd(text, text, length);
      expect(automaton.endOf(length)).toBe(end === text.length ? undefined : end);
    }),
    { numRuns: 300 },
  );
});

test('costs about the same per token in a long text that repeats as in one that does not', () => {
  const time = (tokenAt: (i: number) => number) => {
    const automaton = createSuffixAutomaton();
    const started = performance.now();
    for (let i = 0; i < 20_000; i++) automaton.push(tokenAt(i));
    return performance.now() - started;
  };
  time((i) => i % 7);
  const distinct = time((i) => i);
  expect(time((i) => i % 7)).toBeLessThan(20 * distinct);
  expect(time(() => 1)).toBeLessThan(20 * distinct);
});
