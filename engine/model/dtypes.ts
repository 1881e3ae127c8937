/** Stored number formats. Multi-byte values are little-endian, as on every platform that we run on. */

export type FloatType = 'F32' | 'F16' | 'BF16';

export const supportedTypes = 'F32, F16 and BF16';

/** Bytes per element of each type that the safetensors format defines with whole bytes. */
const elementBytes = new Map([
  ['BOOL', 1],
  ['U8', 1],
  ['I8', 1],
  ['F8_E5M2', 1],
  ['F8_E4M3', 1],
  ['F8_E8M0', 1],
  ['I16', 2],
  ['U16', 2],
  ['F16', 2],
  ['BF16', 2],
  ['I32', 4],
  ['U32', 4],
  ['F32', 4],
  ['I64', 8],
  ['U64', 8],
  ['F64', 8],
]);

/** Undefined for types that we do not know. */
export function bytesPerElement(dtype: string): number | undefined {
  return elementBytes.get(dtype);
}

export function isFloatType(dtype: string): dtype is FloatType {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16';
}

/** Writes the fp32 values of `source` (whole elements, at an even byte offset) to `target` from `at` on. */
export function widen(dtype: 'F16' | 'BF16', source: Uint8Array, target: Float32Array, at: number): void {
  const halves = new Uint16Array(source.buffer, source.byteOffset, source.byteLength / 2);
  if (dtype === 'BF16') {
    const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
    for (let i = 0; i < halves.length; i++) bits[at + i] = (halves[i] ?? 0) << 16;
  } else {
    const table = halfTable();
    for (let i = 0; i < halves.length; i++) target[at + i] = table[halves[i] ?? 0] ?? 0;
  }
}

let table: Float32Array | undefined;

/** All 65,536 fp16 values: one load per element beats the bit arithmetic. */
function halfTable(): Float32Array {
  table ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => halfToFloat(bits));
  return table;
}

/** IEEE 754 binary16. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
