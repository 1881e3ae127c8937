import { widen } from '../../model/dtypes';

/** fp16 values as fp32, each exactly. */
export function widenHalves(halves: Uint16Array): Float32Array {
  const wide = new Float32Array(halves.length);
  widen('F16', new Uint8Array(halves.buffer, halves.byteOffset, halves.byteLength), wide, 0);
  return wide;
}

const float = new Float32Array(1);
const bitsOf = new Uint32Array(float.buffer);

/** The nearest fp16 value's bits, ties to even; what is too large becomes infinite. */
export function halfOf(value: number): number {
  float[0] = value;
  const bits = bitsOf[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const fraction = bits & 0x7fffff;
  if (Number.isNaN(value)) return sign | 0x7e00;
  if (exponent >= 31) return sign | 0x7c00;
  // Rounding up carries into the exponent, as it should.
  if (exponent > 0) return sign | rounded((exponent << 23) | fraction, 13);
  return exponent < -10 ? sign : sign | rounded(fraction | 0x800000, 14 - exponent);
}

/** `value / 2 ** shift`, ties to even. */
const rounded = (value: number, shift: number) =>
  (value + (1 << (shift - 1)) - 1 + ((value >>> shift) & 1)) >>> shift;
