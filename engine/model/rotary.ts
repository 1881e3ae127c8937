import type { RopeConfig } from './rope';

/**
 * Angle per position of each rotated pair, `[dim / 2]`: theta_i = base^(-2i/dim), scaled as the model says.
 * Linear scaling divides every frequency (Chen et al., arXiv 2306.15595); llama3 scaling divides the slow
 * ones and blends in between (transformers `_compute_llama3_parameters`).
 */
export function inverseFrequencies({ base, dim, scaling }: RopeConfig): Float64Array {
  const frequencies = Float64Array.from({ length: dim / 2 }, (_, i) => base ** ((-2 * i) / dim));
  if (scaling.type === 'linear') return frequencies.map((f) => f / scaling.factor);
  if (scaling.type === 'llama3') {
    const { factor, lowFreqFactor, highFreqFactor, originalMaxPositions } = scaling;
    return frequencies.map((f) => {
      const turns = (originalMaxPositions * f) / (2 * Math.PI);
      if (turns > highFreqFactor) return f;
      if (turns < lowFreqFactor) return f / factor;
      const blend = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
      return ((1 - blend) * f) / factor + blend * f;
    });
  }
  return frequencies;
}

/** Cosines and sines of every position's angles, each `[positions, dim / 2]` row by row. */
export function rotaryTables(rope: RopeConfig, positions: number): { cos: Float32Array; sin: Float32Array } {
  const frequencies = inverseFrequencies(rope);
  const half = frequencies.length;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++) {
    frequencies.forEach((frequency, i) => {
      cos[position * half + i] = Math.cos(position * frequency);
      sin[position * half + i] = Math.sin(position * frequency);
    });
  }
  return { cos, sin };
}
