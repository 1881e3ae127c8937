import type { RopeConfig } from '../model/rope';
import { inverseFrequencies } from '../model/rotary';

/** Turns cached keys, `[rows, headDim]`, to positions that lie `delta` further; in place. */
export type KeyRotation = (keys: Float32Array, delta: number) => void;

/**
 * Rotation of keys by a constant: rotating by angle(a) and then by angle(b) is rotating by angle(a + b), so a key
 * that was encoded at one position serves at another (positional integrity encoding, arXiv 2407.03157, eq. for k~).
 * Values carry no position.
 *
 * The products are in double precision and rounded once when they are stored. So repeated rotations wander like a
 * random walk (some 1e-5 after 10,000) and do not drift.
 */
export function createKeyRotation({ dim, layout, ...rope }: RopeConfig, headDim: number): KeyRotation {
  const frequencies = inverseFrequencies({ dim, layout, ...rope });
  const pairs = frequencies.length;
  // Pair i is dimensions (i, i + pairs), or (2i, 2i + 1) where they are interleaved.
  const step = layout === 'interleaved' ? 2 : 1;
  const partner = layout === 'interleaved' ? 1 : pairs;
  return (keys, delta) => {
    const cosines = frequencies.map((frequency) => Math.cos(delta * frequency));
    const sines = frequencies.map((frequency) => Math.sin(delta * frequency));
    for (let row = 0; row < keys.length; row += headDim) {
      for (let pair = 0; pair < pairs; pair++) {
        const first = row + pair * step;
        const second = first + partner;
        const x = keys[first] as number;
        const y = keys[second] as number;
        const cos = cosines[pair] as number;
        const sin = sines[pair] as number;
        keys[first] = x * cos - y * sin;
        keys[second] = y * cos + x * sin;
      }
    }
  };
}

/** Why cached keys of a model cannot be moved to other positions; undefined where they can. */
export function rotationRefusal({ scaling }: RopeConfig): string | undefined {
  return scaling.type === 'dynamic'
    ? 'the model scales its rotary frequencies with the length of the text (dynamic NTK), so cached keys cannot be moved'
    : undefined;
}
