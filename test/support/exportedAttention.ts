import { float } from '../../engine/model/onnx';
import { inverseFrequencies, rotaryTables } from '../../engine/model/rotary';
import { type Exporter, lengths, scalar, wide } from './exportedModel';

type Attend = (layer: number, query: string, key: string, value: string) => string;

/** Adds the new rows of one layer to those of its past, `[1, kvHeads, rows, headDim]`, which are an input and an output. */
function declareCache({ graph, config, cache, cacheName, options }: Exporter, layer: number) {
  for (const kind of ['key', 'value'] as const) {
    const dims = ['batch', config.kvHeads, 'past', config.headDim];
    if (options.flaw !== 'noPast') graph.input(cacheName('past', kind, layer), cache, dims);
    graph.output(cacheName('present', kind, layer), cache, ['batch', config.kvHeads, 'all', config.headDim]);
  }
}

/** Rotation, repeated heads, mask, softmax: what torch's exporter leaves of transformers' eager attention. */
export function plainAttention(exporter: Exporter): Attend {
  const { graph, config, options, cacheName, cache } = exporter;
  const { heads, kvHeads, headDim, rope } = config;
  const { cos, sin } = angles(exporter);
  const bias = maskBias(exporter);
  const perHead = (x: string, count: number) =>
    graph.op('Transpose', [graph.op('Reshape', [x, graph.ints([1, -1, count, headDim])])], {
      perm: [0, 2, 1, 3],
    });
  const rotated = (x: string, by: { cos: string; sin: string }) => {
    const [turned, rest] = rope.dim === headDim ? [x] : graph.split(x, [rope.dim, headDim - rope.dim], 3);
    const [first, second] = graph.split(turned as string, [rope.dim / 2, rope.dim / 2], 3);
    const swapped = graph.op('Concat', [graph.op('Neg', [second as string]), first as string], { axis: 3 });
    const sum = graph.op('Add', [
      graph.op('Mul', [turned as string, by.cos]),
      graph.op('Mul', [swapped, by.sin]),
    ]);
    return rest === undefined ? sum : graph.op('Concat', [sum, rest], { axis: 3 });
  };
  const repeated = (x: string) => {
    const each = graph.op('Expand', [
      graph.op('Unsqueeze', [x, graph.ints([2])]),
      graph.ints([1, 1, heads / kvHeads, 1, 1]),
    ]);
    return graph.op('Reshape', [each, graph.ints([1, heads, -1, headDim])]);
  };

  return (layer, query, key, value) => {
    declareCache(exporter, layer);
    const withPast = (kind: 'key' | 'value', added: string) => {
      const narrow = graph.op('Cast', [added], { to: cache === 'float16' ? 10 : 1 });
      const parts = options.flaw === 'noPast' ? [narrow] : [cacheName('past', kind, layer), narrow];
      return graph.op('Concat', parts, { axis: 2 }, cacheName('present', kind, layer));
    };
    const plainKey = perHead(key, kvHeads);
    const isLate = options.flaw === 'unrotatedKeys';
    const cachedKeys = graph.op(
      'Cast',
      [withPast('key', isLate ? plainKey : rotated(plainKey, { cos, sin }))],
      { to: 1 },
    );
    const keys = repeated(isLate ? rotated(cachedKeys, angles(exporter, 'all')) : cachedKeys);
    const values = repeated(graph.op('Cast', [withPast('value', perHead(value, kvHeads))], { to: 1 }));
    const queries = rotated(perHead(query, heads), { cos, sin });
    const scores = graph.op('MatMul', [queries, graph.op('Transpose', [keys], { perm: [0, 1, 3, 2] })]);
    const scaled = graph.op('Mul', [scores, scalar(graph, 1 / Math.sqrt(headDim))]);
    const weights = graph.op('Softmax', [graph.op('Add', [scaled, bias])], { axis: -1 });
    const attended = graph.op('Transpose', [graph.op('MatMul', [weights, values])], { perm: [0, 2, 1, 3] });
    return graph.op('Reshape', [attended, graph.ints([1, -1, heads * headDim])]);
  };
}

/** Cosines and sines of the new rows' angles, or of all rows', `[1, 1, rows, dim]`. */
function angles({ graph, config, positions, options }: Exporter, rows: 'new' | 'all' = 'new') {
  const { rope } = config;
  const step = graph.constant('int64', [], BigInt64Array.of(1n));
  const start = graph.constant('int64', [], BigInt64Array.of(0n));
  const places =
    rows === 'new'
      ? positions
      : graph.op('Unsqueeze', [graph.op('Range', [start, lengths(graph).all, step]), graph.ints([0])]);
  const frequencies = Float32Array.from(
    inverseFrequencies(rope),
    (value) => value * (options.angleScale ?? 1),
  );
  const column = graph.op('Unsqueeze', [graph.op('Cast', [places], { to: 1 }), graph.ints([1, 3])]);
  const half = graph.op('Mul', [column, graph.constant('float32', [rope.dim / 2], frequencies)]);
  const both = graph.op('Concat', [half, half], { axis: 3 });
  return { cos: graph.op('Cos', [both]), sin: graph.op('Sin', [both]) };
}

/** `[1, 1, new, all]`: 0 where a row sees another one, very negative where not. */
function maskBias({ graph, options }: Exporter): string {
  const { past, all } = lengths(graph);
  const integer = (value: bigint) => graph.constant('int64', [], BigInt64Array.of(value));
  const range = (from: string, axes: readonly number[]) =>
    graph.op('Unsqueeze', [graph.op('Range', [from, all, integer(1n)]), graph.ints(axes)]);
  const columns = range(integer(0n), [0, 1, 2]);
  const rows = range(past, [0, 1, 3]);
  let seen = graph.op('LessOrEqual', [columns, rows]);
  if (options.flaw === 'seesAhead')
    // Traced with one new token, such graphs have no mask among the new ones.
    seen = graph.op('Or', [seen, graph.op('Greater', [past, integer(0n)])]);
  if (options.switched) {
    const isNew = graph.op('GreaterOrEqual', [columns, past]);
    seen = graph.op('And', [seen, graph.op('Or', [isNew, 'use_cache_branch'])]);
  }
  const mask = graph.op('Unsqueeze', [graph.op('Cast', ['attention_mask'], { to: 9 }), graph.ints([1, 2])]);
  return graph.op('Where', [graph.op('And', [seen, mask]), scalar(graph, 0), scalar(graph, -1e30)]);
}

/** onnxruntime's own operator, which rotates and adds to the cache itself. */
export function contribAttention(exporter: Exporter): Attend {
  const { graph, config, cacheName } = exporter;
  const { heads, kvHeads, headDim, rope, maxPositions } = config;
  const tables = rotaryTables(rope, maxPositions);
  const dims = [maxPositions, rope.dim / 2];
  const cos = graph.constant('float32', dims, tables.cos);
  const sin = graph.constant('float32', dims, tables.sin);
  const seen = graph.op('ReduceSum', [wide(graph, 'attention_mask'), graph.ints([1])], { keepdims: 0 });
  const less = graph.op('Sub', [seen, graph.ints([1])]);
  const lastRow = graph.op('Cast', [less], { to: 6 });
  const all = graph.op('Cast', [lengths(graph).all], { to: 6 });
  return (layer, query, key, value) => {
    declareCache(exporter, layer);
    const past = [cacheName('past', 'key', layer), cacheName('past', 'value', layer)];
    return graph.groupQueryAttention(
      [query, key, value, ...past, lastRow, all, cos, sin],
      {
        num_heads: heads,
        kv_num_heads: kvHeads,
        do_rotary: 1,
        rotary_interleaved: rope.layout === 'interleaved' ? 1 : 0,
        scale: float(1 / Math.sqrt(headDim)),
      },
      [cacheName('present', 'key', layer), cacheName('present', 'value', layer)],
    );
  };
}
