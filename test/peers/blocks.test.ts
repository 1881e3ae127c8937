import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halfToNumber } from '../reference/safetensors';
import { encodeBlocks } from './blocks';
import { toHalf } from './half';

describe('half precision', () => {
  it('every number of half precision comes back as itself', () => {
    for (let bits = 0; bits < 0x7c00; bits++) expect(toHalf(halfToNumber(bits))).toBe(bits);
    expect(toHalf(-1.5)).toBe(0xbe00);
  });

  it('any other is rounded to the nearest', () => {
    fc.assert(
      fc.property(fc.double({ min: -65_000, max: 65_000, noNaN: true }), (value) => {
        const bits = toHalf(Math.fround(value));
        const chosen = Math.abs(halfToNumber(bits) - Math.fround(value));
        for (const neighbour of [bits - 1, bits + 1]) {
          if ((neighbour & 0x7fff) >= 0x7c00 || (neighbour ^ bits) & 0x8000) continue;
          expect(chosen).toBeLessThanOrEqual(Math.abs(halfToNumber(neighbour) - Math.fround(value)));
        }
      }),
    );
  });
});

/** Half of the smallest scale that half precision can tell from 0, times the largest code. */
const underflow = 127 * 2 ** -25;

describe.each([
  ['Q8_0', 34, 1 / 127],
  ['Q4_0', 18, 1 / 8],
] as const)('%s blocks', (type, bytes, step) => {
  it('come back within a step of the largest magnitude', () => {
    const block = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(block, (values) => {
        const encoded = encodeBlocks(Float64Array.from(values), type);
        expect(encoded).toHaveLength(bytes);
        const largest = Math.max(...values.map(Math.abs));
        decode(encoded, type).forEach((value, i) => {
          const bound = largest * step * 1.01 + underflow;
          expect(Math.abs(value - (values[i] as number))).toBeLessThanOrEqual(bound);
        });
      }),
    );
  });
});

function decode(block: Uint8Array, type: 'Q8_0' | 'Q4_0'): number[] {
  const scale = halfToNumber((block[0] as number) | ((block[1] as number) << 8));
  const codes = block.subarray(2);
  if (type === 'Q8_0') return Array.from(new Int8Array(codes), (code) => code * scale);
  const low = Array.from(codes, (byte) => (byte & 15) - 8);
  const high = Array.from(codes, (byte) => (byte >> 4) - 8);
  return [...low, ...high].map((code) => code * scale);
}
