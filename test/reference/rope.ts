import type { RopeParameters } from './config';

/** Radians per position of each pair of dimensions (transformers' modeling_rope_utils.py). */
export function ropeFrequencies(rope: RopeParameters): Float64Array {
  return Float64Array.from({ length: rope.dimensions / 2 }, (_, pair) => {
    const frequency = rope.theta ** ((-2 * pair) / rope.dimensions);
    if (rope.type === 'default') return frequency;
    if (rope.type === 'linear') return frequency / rope.factor;
    if (rope.type === 'llama3') return llama3Frequency(frequency, rope);
    throw new Error(`the reference has no RoPE scaling "${rope.type}"`);
  });
}

/** Long wavelengths are stretched by the factor, short ones kept, those between interpolated. */
function llama3Frequency(frequency: number, rope: RopeParameters): number {
  const wavelength = (2 * Math.PI) / frequency;
  const longest = rope.originalPositions / rope.lowFrequencyFactor;
  const shortest = rope.originalPositions / rope.highFrequencyFactor;
  if (wavelength < shortest) return frequency;
  if (wavelength > longest) return frequency / rope.factor;
  const smooth =
    (rope.originalPositions / wavelength - rope.lowFrequencyFactor) /
    (rope.highFrequencyFactor - rope.lowFrequencyFactor);
  return ((1 - smooth) * frequency) / rope.factor + smooth * frequency;
}

/**
 * Rotates each head of `vector` [heads * headDim] in place. A pair is dimension i with dimension
 * i + half ("rotate_half"), or neighbours where interleaved; dimensions beyond the rotated ones stay as they are.
 */
export function rotate(
  vector: Float64Array,
  headDim: number,
  frequencies: Float64Array,
  position: number,
  interleaved = false,
): void {
  const half = frequencies.length;
  for (let head = 0; head < vector.length; head += headDim) {
    for (let i = 0; i < half; i++) {
      const angle = position * at(frequencies, i);
      const first = head + (interleaved ? 2 * i : i);
      const second = interleaved ? first + 1 : first + half;
      const x = at(vector, first);
      const y = at(vector, second);
      vector[first] = x * Math.cos(angle) - y * Math.sin(angle);
      vector[second] = y * Math.cos(angle) + x * Math.sin(angle);
    }
  }
}

/** Reads an element that exists. */
function at(values: Float64Array, index: number): number {
  return values[index] as number;
}
