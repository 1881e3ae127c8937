import * as ort from 'onnxruntime-node';
import type { HostStorage } from '../../cache/hostStorage';
import { attentionInputs, blockRows, type CachedPart, cachedName, queryCount } from '../../model/attention';
import type { ModelConfig } from '../../model/config';
import { decoderInputs } from '../../model/graph';
import { activationInputs } from '../../model/linear';
import type { ActivationRange } from '../activationRange';
import type { Pass, Tree } from '../passes';

type Feeds = Record<string, ort.Tensor>;

/** The inputs of one pass over a cache. Keys and values are views of the cache's own buffers. */
export function createFeeds(config: ModelConfig, range: ActivationRange | undefined) {
  const group = config.heads / config.kvHeads;
  const activations: Feeds = range
    ? {
        [activationInputs.zeroPoint]: new ort.Tensor('uint8', Uint8Array.of(range.zeroPoint), []),
        [activationInputs.step]: float32(Float32Array.of(1 / range.largest), []),
      }
    : {};

  return (cache: HostStorage, { at, tokens, positions, wanted, tree }: Pass): Feeds => {
    const rows = tokens.length;
    const last = at % blockRows;
    const past = at - last;
    const queries = queryCount(rows, config);
    const blocks = past / blockRows;
    return {
      [decoderInputs.tokens]: int64(tokens, [rows]),
      [decoderInputs.positions]: int64(positions, [1, rows]),
      [decoderInputs.wantedRows]: int64(
        Array.from({ length: wanted }, (_, i) => rows - wanted + i),
        [wanted],
      ),
      [attentionInputs.columnCounts]: int64([past, blockRows], [2]),
      [attentionInputs.blockShape]: int64([queries, blocks, blockRows], [3]),
      [attentionInputs.sumShape]: int64([blocks, queries * config.headDim], [2]),
      [attentionInputs.blockOnes]: float32(new Float32Array(blocks).fill(1), [1, blocks]),
      [attentionInputs.pastBias]: pastBias(at, past, queries, group, tree),
      [attentionInputs.lastBias]: float32(lastBias(at, last, queries, group, tree), [queries, blockRows]),
      [attentionInputs.filler]: zeros(blockRows - last - rows, config.headDim),
      ...activations,
      ...cached(cache, past, at, config),
    };
  };
}

function cached(
  cache: HostStorage,
  past: number,
  at: number,
  { layers, kvHeads, headDim }: ModelConfig,
): Feeds {
  const feeds: Feeds = {};
  const add = (
    part: CachedPart,
    kind: 'key' | 'value',
    layer: number,
    head: number,
    dims: readonly number[],
  ) => {
    const [from, to] = part === 'past' ? [0, past] : [past, at];
    feeds[cachedName(part, kind, layer, head)] = float32(cache.view(kind, layer, head, from, to), dims);
  };
  const last = at - past;
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < kvHeads; head++) {
      add('past', 'key', layer, head, [past, headDim]);
      add('past', 'value', layer, head, [past / blockRows, blockRows, headDim]);
      for (const kind of ['key', 'value'] as const) add('last', kind, layer, head, [last, headDim]);
    }
  }
  return feeds;
}

const hidden = Number.NEGATIVE_INFINITY;

/** `[1, past]`, or `[queries, past]` where a tree began in an earlier block. */
function pastBias(at: number, past: number, queries: number, group: number, tree: Tree | undefined) {
  if (tree === undefined || tree.start >= past) return float32(new Float32Array(past), [1, past]);
  const bias = new Float32Array(queries * past);
  for (let query = 0; query < queries; query++) {
    const row = at + Math.floor(query / group);
    for (let key = tree.start; key < past; key++) if (!tree.sees(row, key)) bias[query * past + key] = hidden;
  }
  return float32(bias, [queries, past]);
}

/** `[queries, blockRows]`: a row sees those before it and itself, in a tree its ancestors; nobody sees the filler. */
function lastBias(at: number, last: number, queries: number, group: number, tree: Tree | undefined) {
  const bias = new Float32Array(queries * blockRows).fill(hidden);
  const first = at - last;
  for (let query = 0; query < queries; query++) {
    const i = Math.floor(query / group);
    const seen = Math.min(blockRows, last + i + 1);
    bias.fill(0, query * blockRows, query * blockRows + seen);
    for (let key = Math.max(first, tree?.start ?? first + seen); key < first + seen; key++) {
      if (tree?.sees(at + i, key) === false) bias[query * blockRows + key - first] = hidden;
    }
  }
  return bias;
}

const float32 = (data: Float32Array, dims: readonly number[]) => new ort.Tensor('float32', data, dims);
const zeros = (rows: number, width: number) => float32(new Float32Array(rows * width), [rows, width]);
const int64 = (values: readonly number[], dims: readonly number[]) =>
  new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
