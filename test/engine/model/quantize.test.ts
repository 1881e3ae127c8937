import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quantiseBlocks, quantiseChannels, quantiseRows, transpose } from '../../../engine/model/quantize';

const matrices = fc
  .record({ rows: fc.integer({ min: 1, max: 40 }), columns: fc.integer({ min: 1, max: 40 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      matrix: fc.float32Array({
        minLength: rows * columns,
        maxLength: rows * columns,
        min: -4,
        max: 4,
        noNaN: true,
      }),
    }),
  );

describe('8-bit channels', () => {
  test('are off by half a step at most', () => {
    fc.assert(
      fc.property(matrices, ({ matrix, rows, columns }) => {
        const { codes, scales } = quantiseRows(matrix, rows, columns);
        matrix.forEach((value, i) => {
          const scale = scales[Math.floor(i / columns)] as number;
          const error = Math.abs(value - (codes[i] as number) * scale);
          expect(error).toBeLessThanOrEqual(scale * 0.5001 + 1e-40);
        });
      }),
    );
  });

  test('are transposed for the product', () => {
    fc.assert(
      fc.property(matrices, ({ matrix, rows, columns }) => {
        const plain = quantiseRows(matrix, rows, columns);
        const channels = quantiseChannels(matrix, rows, columns);
        expect(transpose(channels.codes, columns, rows)).toEqual(plain.codes);
        for (let r = 0; r < rows; r++) {
          for (let c = 0; c < columns; c++) {
            expect(channels.codes[c * rows + r]).toBe(plain.codes[r * columns + c]);
          }
        }
      }),
    );
  });
});

describe('4-bit blocks', () => {
  const blockSize = 32;
  const blocks = fc.float32Array({ minLength: 96, maxLength: 96, min: -2, max: 2, noNaN: true });
  const low4 = (bytes: Uint8Array, i: number) => ((bytes[i >> 1] as number) >> (4 * (i & 1))) & 15;

  /** Squared error of each block under what `quantiseBlocks` gives. */
  function errors(values: Float32Array): number[] {
    const { codes, scales, zeroPoints } = quantiseBlocks(values, 1, 96, blockSize);
    return [0, 1, 2].map((block) => {
      let sum = 0;
      for (let i = block * blockSize; i < (block + 1) * blockSize; i++) {
        const value = (low4(codes, i) - low4(zeroPoints, block)) * (scales[block] as number);
        sum += ((values[i] as number) - value) ** 2;
      }
      return sum;
    });
  }

  /** The same with the whole range spread over 16 codes. */
  function plainError(block: Float32Array): number {
    const low = Math.min(0, ...block);
    const scale = (Math.max(0, ...block) - low) / 15 || 1;
    const zero = Math.round(-low / scale);
    return block.reduce((sum, value) => {
      const code = Math.min(15, Math.max(0, Math.floor(value / scale + zero + 0.5)));
      return sum + (value - (code - zero) * scale) ** 2;
    }, 0);
  }

  test('are never worse than plain rounding', () => {
    fc.assert(
      fc.property(blocks, (values) => {
        errors(values).forEach((error, block) => {
          const part = values.subarray(block * blockSize, (block + 1) * blockSize);
          expect(error).toBeLessThanOrEqual(plainError(part) * 1.001 + 1e-6);
        });
      }),
    );
  });

  test('keep a block of equal values, zeros included', () => {
    expect(errors(new Float32Array(96))).toEqual([0, 0, 0]);
    expect(Math.max(...errors(new Float32Array(96).fill(0.5)))).toBeLessThan(1e-9);
  });

  test('refuse inputs that are not whole blocks', () => {
    expect(() => quantiseBlocks(new Float32Array(40), 1, 40, blockSize)).toThrow(RangeError);
  });
});
