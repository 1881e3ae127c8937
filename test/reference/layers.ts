import type { Tensor } from './safetensors';

/** One vector per token. */
export type Rows = Float64Array[];

/** y = W x + b with W [outputs, inputs], as torch.nn.Linear. */
export function linear(rows: Rows, weight: Tensor, bias?: Tensor): Rows {
  const [outputs = 0, inputs = 0] = weight.shape;
  const result = rows.map(() => new Float64Array(outputs));
  for (let r = 0; r < rows.length; r += 4) {
    // Four rows at a time, because each sum alone waits for its own last addition.
    const last = rows.length - 1;
    const tile = [r, r + 1, r + 2, r + 3].map((index) => Math.min(index, last));
    const [a, b, c, d] = tile.map((index) => rows[index]) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    for (let output = 0; output < outputs; output++) {
      const sums = fourDots(weight.data, output * inputs, inputs, a, b, c, d);
      const offset = bias === undefined ? 0 : at(bias.data, output);
      tile.forEach((index, n) => {
        (result[index] as Float64Array)[output] = (sums[n] as number) + offset;
      });
    }
  }
  return result;
}

function fourDots(
  weight: Float64Array,
  from: number,
  length: number,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  d: Float64Array,
): [number, number, number, number] {
  let [sumA, sumB, sumC, sumD] = [0, 0, 0, 0];
  for (let i = 0; i < length; i++) {
    const w = at(weight, from + i);
    sumA += w * at(a, i);
    sumB += w * at(b, i);
    sumC += w * at(c, i);
    sumD += w * at(d, i);
  }
  return [sumA, sumB, sumC, sumD];
}

/** Root mean square normalisation of each stretch of `weight.length` elements: the whole row, or each head. */
export function rmsNorm(row: Float64Array, weight: Tensor, eps: number): Float64Array {
  const size = weight.data.length;
  const result = new Float64Array(row.length);
  for (let start = 0; start < row.length; start += size) {
    let squares = 0;
    for (let i = 0; i < size; i++) squares += at(row, start + i) ** 2;
    const scale = 1 / Math.sqrt(squares / size + eps);
    for (let i = 0; i < size; i++) result[start + i] = at(row, start + i) * scale * at(weight.data, i);
  }
  return result;
}

export function layerNorm(row: Float64Array, weight: Tensor, bias: Tensor, eps: number): Float64Array {
  const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
  const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length;
  const scale = 1 / Math.sqrt(variance + eps);
  return row.map((x, i) => (x - mean) * scale * at(weight.data, i) + at(bias.data, i));
}

function silu(x: number): number {
  return x / (1 + Math.exp(-x));
}

/** The tanh approximation ("gelu_pytorch_tanh"), not the exact error function. */
export function geluTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

export interface AttentionShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/**
 * Grouped-query attention over rows q [heads * headDim], k and v [kvHeads * headDim]; query head h reads
 * kv head floor(h * kvHeads / heads). `visible(i, j)`: may query i see key j?
 */
export function attention(
  q: Rows,
  k: Rows,
  v: Rows,
  { heads, kvHeads, headDim }: AttentionShape,
  visible: (query: number, key: number) => boolean,
): Rows {
  return q.map((query, i) => {
    const result = new Float64Array(heads * headDim);
    const seen = k.map((_, j) => j).filter((j) => visible(i, j));
    const keys = seen.map((j) => k[j] as Float64Array);
    const values = seen.map((j) => v[j] as Float64Array);
    for (let head = 0; head < heads; head++) {
      const from = head * headDim;
      const kvFrom = Math.floor((head * kvHeads) / heads) * headDim;
      const weights = softmax(keys.map((key) => dot(query, from, key, kvFrom, headDim) / Math.sqrt(headDim)));
      for (let n = 0; n < values.length; n++) {
        const value = values[n] as Float64Array;
        const weight = weights[n] as number;
        for (let d = 0; d < headDim; d++)
          result[from + d] = at(result, from + d) + weight * at(value, kvFrom + d);
      }
    }
    return result;
  });
}

function dot(a: Float64Array, aFrom: number, b: Float64Array, bFrom: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += at(a, aFrom + i) * at(b, bFrom + i);
  return sum;
}

function softmax(scores: readonly number[]): number[] {
  const highest = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

export function add(a: Rows, b: Rows): Rows {
  return a.map((row, r) => {
    const other = b[r] as Float64Array;
    return row.map((x, i) => x + at(other, i));
  });
}

/** silu(gate) * up */
export function gated(gate: Rows, up: Rows): Rows {
  return gate.map((row, r) => {
    const other = up[r] as Float64Array;
    return row.map((x, i) => silu(x) * at(other, i));
  });
}

/** Reads an element that exists. Not imported: a call into another module in the innermost loop is slow under test runners. */
function at(values: Float64Array, index: number): number {
  return values[index] as number;
}
