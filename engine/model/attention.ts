import { float, type Graph } from './onnx';

export interface AttentionShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/** Graph inputs that every layer's attention reads. */
export const attentionInputs = {
  /** `[2]`, int64: rows in the cache, new rows. */
  rowCounts: 'row_counts',
  /** `[1 or rows * groupSize, past]`: 0 where a cached row may be seen, -infinity where not. */
  pastBias: 'past_bias',
  /** `[rows * groupSize, rows]`: the same among the new rows (causal, or the tree's). */
  newBias: 'new_bias',
} as const;

/** The cached keys and values of one head are graph inputs, `[past, headDim]`. */
export const pastName = (kind: 'key' | 'value', layer: number, head: number) =>
  `past_${kind}_${layer}_${head}`;
/** The new rows' keys and values of all heads are graph outputs, `[rows, kvHeads * headDim]`. */
export const newName = (kind: 'key' | 'value', layer: number) => `new_${kind}_${layer}`;

/**
 * Attention in two parts, for the CPU: scores against the cached rows and against the new ones are computed
 * apart and meet in one softmax. The cache stays where it is: nothing is concatenated, padded or copied, and
 * the graph's only cache outputs are the new rows. Query heads that share a key head are rows of one product.
 *
 * @param q `[rows, heads * headDim]`, rotated; @param k and @param v `[rows, kvHeads * headDim]`
 * @returns `[rows, heads * headDim]`
 */
export function splitAttention(
  graph: Graph,
  layer: number,
  { heads, kvHeads, headDim }: AttentionShape,
  q: string,
  k: string,
  v: string,
): string {
  const group = heads / kvHeads;
  const scale = float(1 / Math.sqrt(headDim));
  const perHead = (x: string, width: number) =>
    kvHeads === 1 ? [x] : graph.split(x, Array(kvHeads).fill(width), 1);
  const queries = perHead(q, group * headDim);
  const keys = perHead(k, headDim);
  const values = perHead(v, headDim);

  const outputs = queries.map((query, head) => {
    const pastKey = graph.input(pastName('key', layer, head), 'float32', ['past', headDim]);
    const pastValue = graph.input(pastName('value', layer, head), 'float32', ['past', headDim]);
    const newKey = keys[head] as string;
    const newValue = values[head] as string;
    const rows = graph.op('Reshape', [query, graph.ints([-1, headDim])]); // [rows * group, headDim]
    const product = { transB: 1, alpha: scale };
    const pastScores = graph.op('Gemm', [rows, pastKey, attentionInputs.pastBias], product);
    const newScores = graph.op('Gemm', [rows, newKey, attentionInputs.newBias], product);
    const weights = graph.op('Softmax', [graph.op('Concat', [pastScores, newScores], { axis: 1 })], {
      axis: 1,
    });
    const [pastWeights, newWeights] = graph.split(
      weights,
      { by: attentionInputs.rowCounts, parts: 2 },
      1,
    ) as [string, string];
    const fromPast = graph.op('MatMul', [pastWeights, pastValue]);
    const sum = graph.op('Gemm', [newWeights, newValue, fromPast]);
    return graph.op('Reshape', [sum, graph.ints([-1, group * headDim])]); // [rows, group * headDim]
  });
  return outputs.length === 1 ? (outputs[0] as string) : graph.op('Concat', outputs, { axis: 1 });
}
