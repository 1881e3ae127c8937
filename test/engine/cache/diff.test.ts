import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commonRuns } from '../../../engine/cache/diff';

const tokens = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 40 });

/** Length of the longest common subsequence, by the textbook table. */
function longestCommon(a: readonly number[], b: readonly number[]): number {
  let above = new Array<number>(b.length + 1).fill(0);
  for (const x of a) {
    const row = [0];
    b.forEach((y, j) => {
      row.push(x === y ? (above[j] ?? 0) + 1 : Math.max(above[j + 1] ?? 0, row[j] ?? 0));
    });
    above = row;
  }
  return above.at(-1) ?? 0;
}

test('runs are equal tokens, ascending, and as many as any edit script keeps', () => {
  fc.assert(
    fc.property(tokens, tokens, (old, now) => {
      const runs = commonRuns(old, now);
      let [from, to, total] = [0, 0, 0];
      for (const run of runs) {
        expect(run.length).toBeGreaterThan(0);
        expect(run.from).toBeGreaterThanOrEqual(from);
        expect(run.to).toBeGreaterThanOrEqual(to);
        expect(old.slice(run.from, run.from + run.length)).toEqual(now.slice(run.to, run.to + run.length));
        [from, to] = [run.from + run.length, run.to + run.length];
        total += run.length;
      }
      expect(total).toBe(longestCommon(old, now));
    }),
    { numRuns: 500 },
  );
});

test('neighbouring runs are one', () => {
  expect(commonRuns([1, 2, 3, 4], [1, 2, 3, 4])).toEqual([{ from: 0, to: 0, length: 4 }]);
  expect(commonRuns([1, 2, 3, 4], [1, 2, 9, 3, 4])).toEqual([
    { from: 0, to: 0, length: 2 },
    { from: 2, to: 3, length: 2 },
  ]);
});

test('texts without anything in common cost no more than a look', () => {
  const old = Array.from({ length: 8000 }, (_, i) => i);
  const now = old.map((token) => token + 10_000);
  const started = performance.now();
  expect(commonRuns(old, now)).toEqual([]);
  expect(performance.now() - started).toBeLessThan(500);
});
