import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createKeyRotation, rotationRefusal } from '../../../engine/cache/rotation';
import type { RopeConfig, RopeScaling } from '../../../engine/model/rope';
import { ropeFrequencies, rotate } from '../../reference/rope';
import { seededRandom } from '../../support/random';

const headDim = 16;
const scalings: Record<string, RopeScaling> = {
  plain: { type: 'default' },
  linear: { type: 'linear', factor: 4 },
  llama3: { type: 'llama3', factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 64 },
};
const variants = Object.keys(scalings).flatMap((scaling) =>
  (['half-split', 'interleaved'] as const).flatMap((layout) =>
    [headDim, headDim / 2].map((dim) => ({ scaling, layout, dim })),
  ),
);
const ropeOf = ({ scaling, layout, dim }: (typeof variants)[number]): RopeConfig => ({
  base: 10_000,
  dim,
  layout,
  scaling: scalings[scaling] as RopeScaling,
});

/** The key as a model would have stored it at a position: the independent reference's rotation, rounded once. */
function keyAt(raw: readonly number[], { base, dim, layout, scaling }: RopeConfig, position: number) {
  const frequencies = ropeFrequencies({
    theta: base,
    dimensions: dim,
    interleaved: layout === 'interleaved',
    type: scaling.type,
    factor: 'factor' in scaling ? scaling.factor : 1,
    lowFrequencyFactor: scaling.type === 'llama3' ? scaling.lowFreqFactor : 1,
    highFrequencyFactor: scaling.type === 'llama3' ? scaling.highFreqFactor : 4,
    originalPositions: scaling.type === 'llama3' ? scaling.originalMaxPositions : 0,
  });
  const key = Float64Array.from(raw);
  rotate(key, headDim, frequencies, position, layout === 'interleaved');
  return Float32Array.from(key);
}

const largestError = (a: Float32Array, b: Float32Array) =>
  a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] as number))), 0);

const keys = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), {
  minLength: headDim,
  maxLength: headDim,
});

describe.each(variants)('$scaling, $layout, $dim of 16 dimensions rotated', (variant) => {
  const rope = ropeOf(variant);
  const rotateKeys = createKeyRotation(rope, headDim);

  test('a moved key is the key of its new position', () => {
    const position = fc.integer({ min: 0, max: 8192 });
    fc.assert(
      fc.property(keys, position, position, (raw, from, to) => {
        const key = keyAt(raw, rope, from);
        rotateKeys(key, to - from);
        expect(largestError(key, keyAt(raw, rope, to))).toBeLessThan(2e-6);
      }),
    );
  });

  test('10,000 moves in a row leave the error below 1e-4', () => {
    const raw = Array.from({ length: headDim }, (_, i) => Math.sin(i * 3.7) * 4);
    const random = seededRandom(1);
    for (const next of [() => 1, () => -1, () => Math.floor(random() * 401) - 200]) {
      let position = 10_000;
      const key = keyAt(raw, rope, position);
      for (let move = 0; move < 10_000; move++) {
        const delta = next();
        rotateKeys(key, delta);
        position += delta;
      }
      expect(largestError(key, keyAt(raw, rope, position))).toBeLessThan(1e-4);
    }
  });
});

test('keys of a model with dynamic scaling cannot be moved, and it says so', () => {
  const rope = { base: 10_000, dim: 16, layout: 'half-split' } as const;
  expect(rotationRefusal({ ...rope, scaling: { type: 'dynamic' } })).toMatch(/dynamic NTK/);
  expect(rotationRefusal({ ...rope, scaling: { type: 'default' } })).toBeUndefined();
});
