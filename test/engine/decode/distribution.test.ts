import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { distributionOf, intersection } from '../../../engine/decode/distribution';

const rows = fc
  .array(fc.tuple(fc.float({ min: -40, max: 40, noNaN: true }), fc.boolean()), {
    minLength: 1,
    maxLength: 60,
  })
  .filter((row) => row.some(([, allowed]) => allowed));

/** Straight from the definitions, without any shifting or skipping. */
function naive(row: readonly (readonly [number, boolean])[]) {
  const weights = row.map(([logit, allowed]) => (allowed ? Math.exp(logit) : 0));
  const sum = weights.reduce((a, b) => a + b, 0);
  const p = weights.map((w) => w / sum);
  return { p, entropy: -p.reduce((h, x) => (x > 0 ? h + x * Math.log(x) : h), 0) };
}

describe('the next-token distribution', () => {
  test('equals the definitions over the allowed tokens', () => {
    fc.assert(
      fc.property(rows, (row) => {
        const logits = Float32Array.from(row, ([logit]) => logit);
        const mask = Uint8Array.from(row, ([, allowed]) => Number(allowed));
        const expected = naive(row);
        const actual = distributionOf(logits, mask);
        expect(actual.entropy).toBeCloseTo(expected.entropy, 6);
        row.forEach(([, allowed], token) => {
          if (allowed) expect(Math.exp(actual.logprob(token))).toBeCloseTo(expected.p[token] as number, 6);
          else expect(actual.logprob(token)).toBe(Number.NEGATIVE_INFINITY);
        });
        const best = row.findIndex(
          ([, allowed], t) => allowed && logits[t] === Math.max(...logits.filter((_, i) => mask[i])),
        );
        expect(actual.best).toEqual({ token: best, logprob: actual.logprob(best) });
      }),
    );
  });

  test('is even where all logits are equal: entropy ln n', () => {
    expect(distributionOf(new Float32Array(16), new Uint8Array(16).fill(1)).entropy).toBeCloseTo(
      Math.log(16),
      12,
    );
  });

  test('refuses a row of NaN and a mask that allows nothing', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => distributionOf(Float32Array.of(value), Uint8Array.of(1))).toThrow(/not a number/);
    }
    expect(() => distributionOf(Float32Array.of(1, 2), Uint8Array.of(0, 0))).toThrow(RangeError);
  });

  test('masks combine by intersection', () => {
    expect([...intersection(Uint8Array.of(1, 1, 0, 0), Uint8Array.of(1, 0, 1, 0))]).toEqual([1, 0, 0, 0]);
  });
});
