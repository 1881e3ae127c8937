import { toHalf } from './half';

export type GgufType = 'F32' | 'Q8_0' | 'Q4_0';

/** ggml's type number, and bytes per block of `values` elements. */
export const ggmlTypes: Record<GgufType, { id: number; values: number; bytes: number }> = {
  F32: { id: 0, values: 1, bytes: 4 },
  Q4_0: { id: 2, values: 32, bytes: 18 },
  Q8_0: { id: 8, values: 32, bytes: 34 },
};

/** Encodes a whole number of blocks as ggml's reference quantisers do (ggml-quants.c). */
export function encodeBlocks(values: Float64Array, type: GgufType): Buffer {
  const { values: size, bytes } = ggmlTypes[type];
  const out = Buffer.alloc((values.length / size) * bytes);
  if (type === 'F32') {
    values.forEach((value, i) => {
      out.writeFloatLE(value, 4 * i);
    });
    return out;
  }
  const encode = type === 'Q8_0' ? encodeQ8 : encodeQ4;
  for (let block = 0; block * size < values.length; block++) {
    encode(values.subarray(block * size, (block + 1) * size), out, block * bytes);
  }
  return out;
}

/** Scale = largest magnitude / 127. */
function encodeQ8(values: Float64Array, out: Buffer, at: number): void {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  const scale = largest / 127;
  out.writeUInt16LE(toHalf(scale), at);
  if (scale === 0) return;
  for (let i = 0; i < values.length; i++) {
    const steps = (values[i] ?? 0) / scale;
    out.writeInt8(Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5), at + 2 + i);
  }
}

/** Scale = the value of the largest magnitude / -8, so that this value is met exactly; 0..15 stand for -8..7. */
function encodeQ4(values: Float64Array, out: Buffer, at: number): void {
  let extreme = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  const scale = extreme / -8;
  out.writeUInt16LE(toHalf(scale), at);
  const inverse = scale === 0 ? 0 : 1 / scale;
  const step = (value: number) => Math.min(15, Math.floor(value * inverse + 8.5));
  for (let i = 0; i < 16; i++) {
    out.writeUInt8(step(values[i] ?? 0) | (step(values[i + 16] ?? 0) << 4), at + 2 + i);
  }
}
