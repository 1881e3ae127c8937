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
