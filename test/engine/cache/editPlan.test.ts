import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planEdit, repairMargins } from '../../../engine/cache/editPlan';

const { near, margin } = repairMargins;
const span = (from: number, length: number) => Array.from({ length }, (_, i) => from + i);
const cachedAs = (tokens: readonly number[], exact = tokens.length) => ({ tokens, exact });

/** What the plan makes of the cached tokens; -1 where a row is to be encoded. */
function applied(cached: readonly number[], prompt: readonly number[], exact = cached.length) {
  const { runs, holes, tail, use } = planEdit(cachedAs(cached, exact), prompt);
  const rows = new Array<number>(tail).fill(-1);
  for (const { from, to, length } of runs) {
    for (let i = 0; i < length; i++) rows[to + i] = cached[from + i] as number;
  }
  return { rows, holes, tail, use };
}

describe('a plan', () => {
  test('makes any cache one for any prompt: reused rows are right, the rest is encoded', () => {
    const tokens = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 200 });
    const edits = fc.array(fc.tuple(fc.nat(200), fc.nat(30), tokens), { maxLength: 4 });
    fc.assert(
      fc.property(tokens, edits, fc.nat(200), (start, changes, exact) => {
        const prompt = [...start];
        for (const [at, removed, added] of changes) prompt.splice(at, removed, ...added);
        prompt.push(7);
        const { rows, holes, tail, use } = applied(start, prompt, Math.min(exact, start.length));
        expect(tail).toBeLessThan(prompt.length);
        for (const { from, to } of holes) for (let i = from; i < to; i++) rows[i] = prompt[i] as number;
        expect(rows).toEqual(prompt.slice(0, tail));
        expect(use.kept + use.shifted + use.encoded).toBe(prompt.length);
        expect(use.stale).toBeLessThanOrEqual(use.kept + use.shifted);
      }),
      { numRuns: 500 },
    );
  });

  test('of appended text encodes just that', () => {
    const { use } = applied(span(0, 100), span(0, 103));
    expect(use).toEqual({ kept: 100, shifted: 0, encoded: 3, stale: 0 });
  });

  test('of an edit far from the end encodes the edit and the last rows', () => {
    const prompt = [...span(0, 100), 5000, 5001, ...span(103, 400)];
    const { use, holes } = applied(span(0, 503), prompt);
    expect(holes[0]).toEqual({ from: 100, to: 102 });
    expect(use.encoded).toBe(2 + margin);
    expect(use).toMatchObject({ kept: 100, shifted: 400 - margin, stale: 400 - margin });
  });

  test('of an edit near the end encodes everything from it on, and is exact', () => {
    const prompt = [...span(0, 500 - near), 5000, ...span(500 - near + 2, near - 1)];
    const { use } = applied(span(0, 501), prompt);
    expect(use).toEqual({ kept: 500 - near, shifted: 0, encoded: near, stale: 0 });
  });

  test('of edits in several places moves each part by its own distance', () => {
    const prompt = [...span(0, 100), 5000, ...span(100, 100), ...span(205, 200)];
    const { use, holes } = applied(span(0, 405), prompt);
    expect(holes).toEqual([{ from: 100, to: 101 }]);
    expect(use).toMatchObject({ kept: 100, encoded: 1 + margin });
  });

  test('of a window whose start has moved keeps the rest', () => {
    const { use } = applied(span(0, 500), [9000, ...span(64, 440)]);
    expect(use.encoded).toBeLessThan(30);
  });

  test('of a cache that was stale already counts its rows as such', () => {
    const { use } = applied(span(0, 100), span(0, 101), 40);
    expect(use.stale).toBe(60);
  });
});
