import { toHalf } from './half';

export type GgufType = 'F32' | 'Q8_0' | 'Q4_0';

/** ggml's type number, and bytes per block of `values` elements. */
export const ggmlTypes: Record<GgufType, { id: number; values: number; bytes: number }> = {
  F32: { id: 0, values: 1, bytes: 4 },
  Q4_0: { id: 2, values: 32, bytes: 18 },
  Q8_0: { id: 8, values: 32, bytes: 34 },
};

/** Encodes a whole number of blocks as ggml's reference quantisers do (ggml-quants.c). */
export function encodeBlocks(values: Float64Array, type: GgufType): Uint8Array {
  if (type === 'F32') return new Uint8Array(Float32Array.from(values).buffer);
  const { values: size, bytes } = ggmlTypes[type];
  const out = new Uint8Array((values.length / size) * bytes);
  const encode = type === 'Q8_0' ? encodeQ8 : encodeQ4;
  for (let from = 0, to = 0; from < values.length; from += size, to += bytes) encode(values, from, out, to);
  return out;
}

/** Scale = largest magnitude / 127. */
function encodeQ8(values: Float64Array, from: number, out: Uint8Array, to: number): void {
  let largest = 0;
  for (let i = from; i < from + 32; i++) largest = Math.max(largest, Math.abs(values[i] as number));
  const scale = largest / 127;
  writeHalf(scale, out, to);
  if (scale === 0) return;
  const inverse = 1 / scale;
  for (let i = 0; i < 32; i++) {
    const steps = (values[from + i] as number) * inverse;
    // Half away from zero, as C's roundf; the byte keeps the low 8 bits, which is two's complement.
    out[to + 2 + i] = steps < 0 ? -Math.floor(0.5 - steps) : Math.floor(0.5 + steps);
  }
}

/** Scale = the value of the largest magnitude / -8, so that this value is met exactly; 0..15 stand for -8..7. */
function encodeQ4(values: Float64Array, from: number, out: Uint8Array, to: number): void {
  let extreme = 0;
  for (let i = from; i < from + 32; i++) {
    if (Math.abs(values[i] as number) > Math.abs(extreme)) extreme = values[i] as number;
  }
  const scale = extreme / -8;
  writeHalf(scale, out, to);
  const inverse = scale === 0 ? 0 : 1 / scale;
  const step = (i: number) => Math.min(15, Math.floor((values[from + i] as number) * inverse + 8.5));
  for (let i = 0; i < 16; i++) out[to + 2 + i] = step(i) | (step(i + 16) << 4);
}

function writeHalf(value: number, out: Uint8Array, to: number): void {
  const half = toHalf(value);
  out[to] = half;
  out[to + 1] = half >> 8;
}
