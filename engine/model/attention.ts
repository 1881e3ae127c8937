import { float, type Graph } from './onnx';

export interface AttentionShape {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

/**
 * Cached rows are attended to in blocks of this many; those behind the last whole block and the new rows fill
 * one more. A pass takes no more new rows than that block has room for.
 */
export const blockRows = 64;

/**
 * Query rows per key head of a pass. A product of one row runs in another kernel, which sums in another order:
 * where each query head has its own key head, a row of zeros keeps it company.
 */
export const queryCount = (rows: number, { heads, kvHeads }: AttentionShape) =>
  heads === kvHeads ? rows + 1 : (rows * heads) / kvHeads;

/** Graph inputs that every layer's attention reads; `queries` is `queryCount`. */
export const attentionInputs = {
  /** `[2]`, int64: rows in whole blocks, rows of a block. */
  columnCounts: 'column_counts',
  /** `[3]`, int64: queries, whole blocks, rows of a block. */
  blockShape: 'block_shape',
  /** `[2]`, int64: whole blocks, queries * headDim. */
  sumShape: 'sum_shape',
  /** `[1, blocks]`: ones. */
  blockOnes: 'block_ones',
  /** `[1 or queries, past]`: 0 where a row of a whole block may be seen, -infinity where not. */
  pastBias: 'past_bias',
  /** `[queries, blockRows]`: the same for the last block (causal, or a tree's). */
  lastBias: 'last_bias',
  /** `[blockRows - last - rows, headDim]`: zeros that fill the last block. */
  filler: 'filler',
} as const;

export type CachedPart = 'past' | 'last';
/**
 * The cached keys and values of one head are graph inputs: of the whole blocks (`past`) keys `[past, headDim]` and
 * values `[blocks, blockRows, headDim]`, of the last one (`last`) both `[last, headDim]`.
 */
export const cachedName = (part: CachedPart, kind: 'key' | 'value', layer: number, head: number) =>
  `${part}_${kind}_${layer}_${head}`;
/** The new rows' keys and values of all heads are graph outputs, `[rows, kvHeads * headDim]`. */
export const newName = (kind: 'key' | 'value', layer: number) => `new_${kind}_${layer}`;

/**
 * Attention for the CPU. The whole blocks of the cache are read where they are: nothing is concatenated, padded or
 * copied but the last block. Query heads that share a key head are rows of one product.
 *
 * Sums run block by block in the order of the rows, however many new rows a pass has. So a row's result is the same
 * to the last bit whatever ran beside it; without that, rounding to 8 bits turns differences of 1e-7 between passes
 * of different sizes into other tokens (one in twenty was, on the starter model).
 *
 * @param q `[rows, heads * headDim]`, rotated; @param k and @param v `[rows, kvHeads * headDim]`
 * @returns `[rows, heads * headDim]`
 */
export function blockAttention(
  graph: Graph,
  layer: number,
  { heads, kvHeads, headDim }: AttentionShape,
  q: string,
  k: string,
  v: string,
): string {
  const group = heads / kvHeads;
  const scores = { transB: 1, alpha: float(1 / Math.sqrt(headDim)) };
  const perHead = (x: string, width: number) =>
    kvHeads === 1 ? [x] : graph.split(x, Array(kvHeads).fill(width), 1);
  const queries = perHead(q, group * headDim);
  const keys = perHead(k, headDim);
  const values = perHead(v, headDim);

  const outputs = queries.map((query, head) => {
    const cached = (part: CachedPart, kind: 'key' | 'value', dims: readonly (number | string)[]) =>
      graph.input(cachedName(part, kind, layer, head), 'float32', dims);
    const pastKey = cached('past', 'key', ['past', headDim]);
    const pastValue = cached('past', 'value', ['blocks', blockRows, headDim]);
    const lastBlock = (kind: 'key' | 'value', added: string) =>
      graph.op('Concat', [cached('last', kind, ['last', headDim]), added, attentionInputs.filler], {
        axis: 0,
      });
    const lastKey = lastBlock('key', keys[head] as string);
    const lastValue = lastBlock('value', values[head] as string);

    const own = graph.op('Reshape', [query, graph.ints([-1, headDim])]);
    const rows = group === 1 ? graph.op('Concat', [own, zeroRow(graph, headDim)], { axis: 0 }) : own; // [queries, headDim]
    const pastScores = graph.op('Gemm', [rows, pastKey, attentionInputs.pastBias], scores);
    const lastScores = graph.op('Gemm', [rows, lastKey, attentionInputs.lastBias], scores);
    const all = graph.op('Softmax', [graph.op('Concat', [pastScores, lastScores], { axis: 1 })], { axis: 1 });
    const [pastWeights, lastWeights] = graph.split(all, { by: attentionInputs.columnCounts, parts: 2 }, 1);

    const shaped = graph.op('Reshape', [pastWeights as string, attentionInputs.blockShape], { allowzero: 1 });
    const byBlock = graph.op('Transpose', [shaped], { perm: [1, 0, 2] }); // [blocks, queries, blockRows]
    const sums = graph.op('MatMul', [byBlock, pastValue]); // [blocks, queries, headDim]
    // A product with ones adds the blocks up three times as fast as ReduceSum does.
    const flat = graph.op('Reshape', [sums, attentionInputs.sumShape], { allowzero: 1 });
    const total = graph.op('MatMul', [attentionInputs.blockOnes, flat]);
    const fromPast = graph.op('Reshape', [total, graph.ints([-1, headDim])]); // [queries, headDim]
    const attended = graph.op('Gemm', [lastWeights as string, lastValue, fromPast]);
    if (group === 1) return graph.op('Slice', [attended, graph.ints([0]), graph.ints([-1]), graph.ints([0])]);
    return graph.op('Reshape', [attended, graph.ints([-1, group * headDim])]); // [rows, group * headDim]
  });
  return outputs.length === 1 ? (outputs[0] as string) : graph.op('Concat', outputs, { axis: 1 });
}

const zeroRow = (graph: Graph, width: number) =>
  graph.constant('float32', [1, width], new Float32Array(width));

/** Declares the inputs that all layers share. */
export function declareAttentionInputs(graph: Graph, { headDim }: AttentionShape): void {
  graph.input(attentionInputs.columnCounts, 'int64', [2]);
  graph.input(attentionInputs.blockShape, 'int64', [3]);
  graph.input(attentionInputs.sumShape, 'int64', [2]);
  graph.input(attentionInputs.blockOnes, 'float32', [1, 'blocks']);
  graph.input(attentionInputs.pastBias, 'float32', ['past_bias_rows', 'past']);
  graph.input(attentionInputs.lastBias, 'float32', ['queries', blockRows]);
  graph.input(attentionInputs.filler, 'float32', ['filler', headDim]);
}
