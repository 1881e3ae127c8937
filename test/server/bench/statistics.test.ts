import fc from 'fast-check';
import { expect, it } from 'vitest';
import { divergence, doublingBins, mean, share } from '../../../server/bench/statistics';

const logits = fc
  .array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 4, maxLength: 4 })
  .map((list) => Float32Array.from(list));

it('the divergence of a distribution from itself is 0, also where the logits are moved by a constant', () => {
  fc.assert(
    fc.property(logits, (p) => {
      const moved = p.map((x) => x + 3);
      expect(divergence(p, moved)).toBeCloseTo(0, 5);
    }),
  );
});

it('the divergence is that of the formula and never negative', () => {
  const p = Float32Array.of(Math.log(0.5), Math.log(0.25), Math.log(0.25));
  const q = Float32Array.of(Math.log(0.25), Math.log(0.5), Math.log(0.25));
  expect(divergence(p, q)).toBeCloseTo(0.5 * Math.log(2) + 0.25 * Math.log(0.5), 6);
  fc.assert(
    fc.property(logits, logits, (a, b) => {
      expect(divergence(a, b)).toBeGreaterThan(-1e-6);
    }),
  );
});

it('bins double in width, hold every sample once and add up to 100 %', () => {
  const { labels, shares } = doublingBins([[1, 2, 3, 9], [16]], 2);
  expect(labels).toEqual(['0–2', '2–4', '4–8', '8–16']);
  expect(shares).toEqual([
    [50, 25, 0, 25],
    [0, 0, 0, 100],
  ]);
});

it('means and shares', () => {
  expect(mean([1, 2, 6])).toBe(3);
  expect(share([1, 2, 3, 4], (n) => n > 3)).toBe(0.25);
});
