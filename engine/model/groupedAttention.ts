import type { AttentionShape } from './attention';
import { float, type Graph } from './onnx';

/** Graph inputs that every layer's attention on a device reads. */
export const groupedInputs = {
  /** `[1]`, int32: rows that the last new row sees, less one. */
  lastRow: 'last_row',
  /** `[1]`, int32: cached and new rows together. */
  allRows: 'all_rows',
  /** `[1, 1, rows, all rows]`: 0 where a row may see another one, very negative where not. */
  bias: 'attention_bias',
} as const;

/** The cache is a graph input and output in the same buffer, `[1, kvHeads, capacity, headDim]`: the new rows are written behind the old ones. */
export const cacheName = (direction: 'old' | 'new', kind: 'key' | 'value', layer: number) =>
  `${direction}_${kind}_cache_${layer}`;

export function declareGroupedInputs(graph: Graph): void {
  graph.input(groupedInputs.lastRow, 'int32', [1]);
  graph.input(groupedInputs.allRows, 'int32', [1]);
  graph.input(groupedInputs.bias, 'float32', [1, 1, 'rows', 'all']);
}

/**
 * Attention over a cache that stays on the device (onnxruntime's GroupQueryAttention).
 * @param q `[rows, heads * headDim]`, rotated; @param k and @param v `[rows, kvHeads * headDim]`
 * @returns `[rows, heads * headDim]`
 */
export function groupedAttention(
  graph: Graph,
  layer: number,
  { heads, kvHeads, headDim }: AttentionShape,
  q: string,
  k: string,
  v: string,
): string {
  const batched = [q, k, v].map((x) => graph.op('Unsqueeze', [x, graph.ints([0])]));
  for (const kind of ['key', 'value'] as const) {
    const dims = [1, kvHeads, 'capacity', headDim];
    graph.input(cacheName('old', kind, layer), 'float32', dims);
    graph.output(cacheName('new', kind, layer), 'float32', dims);
  }
  const { lastRow, allRows, bias } = groupedInputs;
  const cache = [cacheName('old', 'key', layer), cacheName('old', 'value', layer)];
  const attended = graph.groupQueryAttention(
    [...batched, ...cache, lastRow, allRows, '', '', '', bias],
    { num_heads: heads, kv_num_heads: kvHeads, do_rotary: 0, scale: float(1 / Math.sqrt(headDim)) },
    [cacheName('new', 'key', layer), cacheName('new', 'value', layer)],
  );
  return graph.op('Squeeze', [attended, graph.ints([0])]);
}
