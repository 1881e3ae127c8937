import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planEdit, repairMargins } from '../../../engine/cache/editPlan';

const { near, nearShare, nearPerToken, leastNear, margin, behind } = repairMargins;
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

  test('of an edit far from the end encodes the edit, what is right behind it, and the last rows', () => {
    const prompt = [...span(0, 100), 5000, 5001, ...span(103, 900)];
    const { use, holes } = applied(span(0, 1003), prompt);
    expect(holes[0]).toEqual({ from: 100, to: 102 + behind });
    const moved = 900 - behind - margin;
    expect(use).toEqual({ kept: 100, shifted: moved, stale: moved, encoded: 2 + behind + margin });
  });

  test.each([
    [1, leastNear],
    [10, 10 * nearPerToken],
    [40, near],
  ])('of an edit of %i tokens near the end encodes everything from it on, and is exact', (edited, reach) => {
    const length = 2 * near + 1000;
    const prompt = [
      ...span(0, length - reach),
      ...span(5000, edited),
      ...span(length - reach + 2, reach - edited),
    ];
    const { use } = applied(span(0, length + 100), prompt);
    expect(use).toEqual({ kept: length - reach, shifted: 0, encoded: reach, stale: 0 });
    const further = [
      ...span(0, length - reach - 1),
      ...span(5000, edited),
      ...span(length - reach + 2, reach + 1 - edited),
    ];
    expect(applied(span(0, length + 100), further).use.encoded).toBe(edited + behind + margin);
  });

  test('of an edit in a short prompt counts less as near', () => {
    const length = 200;
    const prompt = [...span(0, 100), 5000, ...span(101, length - 101)];
    expect(leastNear).toBeGreaterThan(100);
    expect(nearShare * length).toBeLessThan(100);
    expect(applied(span(0, length), prompt).use.encoded).toBe(1 + behind + margin);
  });

  test('of edits in several places moves each part by its own distance', () => {
    const prompt = [...span(0, 100), 5000, ...span(100, 100), ...span(205, 800)];
    const { use, holes } = applied(span(0, 1005), prompt);
    expect(holes[0]).toEqual({ from: 100, to: 101 + behind });
    expect(holes[1]).toEqual({ from: 201, to: 201 + behind });
    expect(use).toMatchObject({ kept: 100, encoded: 1 + 2 * behind + margin });
  });

  test('of a window whose start has moved keeps the rest', () => {
    const { use } = applied(span(0, 1000), [9000, ...span(64, 940)]);
    expect(use.encoded).toBe(1 + behind + margin);
  });

  test('of a cache that was stale already counts its rows as such', () => {
    const { use } = applied(span(0, 100), span(0, 101), 40);
    expect(use.stale).toBe(60);
  });
});
