/** Weight quantisation. Matrices are in Hugging Face's layout `[outputs, inputs]`, row by row. */

export interface ChannelQuantised {
  /** Transposed to `[inputs, outputs]`, the layout of MatMulInteger's right-hand side. */
  readonly codes: Int8Array;
  /** One per output channel: weight = code * scale. */
  readonly scales: Float32Array;
}

const maxAbs = (values: Float32Array, from: number, to: number) => {
  let max = 0;
  for (let i = from; i < to; i++) {
    const size = Math.abs(values[i] as number);
    if (size > max) max = size;
  }
  return max;
};

/** Symmetric 8-bit codes with one scale per row, in the matrix's own layout: for embedding look-ups. */
export function quantiseRows(matrix: Float32Array, rows: number, columns: number): ChannelQuantised {
  const codes = new Int8Array(rows * columns);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    const scale = maxAbs(matrix, start, start + columns) / 127;
    scales[row] = scale;
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = start; i < start + columns; i++) {
      const code = (matrix[i] as number) * inverse;
      // An Int8Array cuts towards zero: with half a step added that rounds, faster than Math.round does.
      codes[i] = code < 0 ? code - 0.5 : code + 0.5;
    }
  }
  return { codes, scales };
}

/** `[rows, columns]` to `[columns, rows]`, in square tiles so that both sides stay in the CPU's cache. */
export function transpose<T extends Int8Array | Float32Array>(matrix: T, rows: number, columns: number): T {
  const tile = 32;
  const result = new (matrix.constructor as new (length: number) => T)(matrix.length);
  for (let r0 = 0; r0 < rows; r0 += tile) {
    for (let c0 = 0; c0 < columns; c0 += tile) {
      for (let r = r0; r < Math.min(r0 + tile, rows); r++) {
        for (let c = c0; c < Math.min(c0 + tile, columns); c++) {
          result[c * rows + r] = matrix[r * columns + c] as number;
        }
      }
    }
  }
  return result;
}

/** Symmetric 8-bit codes with one scale per output channel, transposed for MatMulInteger. */
export function quantiseChannels(matrix: Float32Array, outputs: number, inputs: number): ChannelQuantised {
  const { codes, scales } = quantiseRows(matrix, outputs, inputs);
  return { codes: transpose(codes, outputs, inputs), scales };
}

export interface BlockQuantised {
  /** `[outputs, blocks, blockSize / 2]`: two 4-bit codes a byte, the earlier one in the low half. */
  readonly codes: Uint8Array;
  /** `[outputs * blocks]`: weight = (code - zeroPoint) * scale. */
  readonly scales: Float32Array;
  /** `[outputs, ceil(blocks / 2)]`: two 4-bit zero points a byte. */
  readonly zeroPoints: Uint8Array;
}

/** Shares of the plain range that are tried as clipping ranges; the outermost values pay for the rest. */
const clipCandidates = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7];

/**
 * Asymmetric 4-bit blocks as MatMulNBits reads them. Each block takes the clipping range with the least
 * squared error, as llama.cpp's k-quants search theirs.
 */
export function quantiseBlocks(
  matrix: Float32Array,
  outputs: number,
  inputs: number,
  blockSize: number,
): BlockQuantised {
  const blocks = inputs / blockSize;
  if (!Number.isInteger(blocks))
    throw new RangeError(`${inputs} inputs are not whole blocks of ${blockSize}`);
  const codes = new Uint8Array((outputs * inputs) / 2);
  const scales = new Float32Array(outputs * blocks);
  const zeroBytes = Math.ceil(blocks / 2);
  const zeroPoints = new Uint8Array(outputs * zeroBytes);
  for (let output = 0; output < outputs; output++) {
    for (let block = 0; block < blocks; block++) {
      const column = block * blockSize;
      const values = matrix.subarray(output * inputs + column, output * inputs + column + blockSize);
      const { scale, zero } = bestRange(values);
      scales[output * blocks + block] = scale;
      const zeroAt = output * zeroBytes + (block >> 1);
      zeroPoints[zeroAt] = (zeroPoints[zeroAt] as number) | (zero << (4 * (block & 1)));
      for (let i = 0; i < blockSize; i++) {
        const at = (output * inputs + column + i) >> 1;
        codes[at] = (codes[at] as number) | (code4(values[i] as number, 1 / scale, zero) << (4 * (i & 1)));
      }
    }
  }
  return { codes, scales, zeroPoints };
}

/** The nearest code: values below the range truncate to 0 or less, which is clipped anyway. */
function code4(value: number, inverse: number, zero: number): number {
  const code = (value * inverse + zero + 0.5) | 0;
  return code < 0 ? 0 : Math.min(code, 15);
}

function bestRange(values: Float32Array) {
  let low = 0;
  let high = 0;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low === high) return { scale: 1, zero: 8 };
  let best = { scale: 1, zero: 8, error: Number.POSITIVE_INFINITY };
  for (const clip of clipCandidates) {
    const scale = ((high - low) * clip) / 15;
    const inverse = 1 / scale;
    const zero = Math.round(-low * clip * inverse);
    let error = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      const difference = value - (code4(value, inverse, zero) - zero) * scale;
      error += difference * difference;
    }
    if (error < best.error) best = { scale, zero, error };
  }
  return best;
}

export interface ByteQuantised {
  /** `[outputs, inputs]`: weight = (code - 128) * scale. */
  readonly codes: Uint8Array;
  /** `[outputs, blocks]` */
  readonly scales: Float32Array;
  /** `[outputs, blocks]`, all 128. */
  readonly zeroPoints: Uint8Array;
}

/** Symmetric 8-bit blocks along the inputs, as MatMulNBits and GatherBlockQuantized read them. */
export function quantiseBytes(
  matrix: Float32Array,
  outputs: number,
  inputs: number,
  blockSize: number,
): ByteQuantised {
  if (inputs % blockSize !== 0) throw new RangeError(`${inputs} inputs are not whole blocks of ${blockSize}`);
  const blocks = (outputs * inputs) / blockSize;
  const codes = new Uint8Array(outputs * inputs);
  const scales = new Float32Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const start = block * blockSize;
    const scale = maxAbs(matrix, start, start + blockSize) / 127;
    scales[block] = scale;
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let i = start; i < start + blockSize; i++) codes[i] = (matrix[i] as number) * inverse + 128.5;
  }
  return { codes, scales, zeroPoints: new Uint8Array(blocks).fill(128) };
}
