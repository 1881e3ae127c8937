import type { TokenMask } from '../../decode/distribution';
import { createGraph } from '../../model/onnx';
import { withoutWeights } from './session';

export const headNames = {
  /** `[rows, vocabulary]`, float32 */
  logits: 'logits',
  /** `[rows, topCount]`, float32: the largest logits of tokens that exist, the largest first. */
  values: 'values',
  /** `[rows, topCount]`, int64: the place of each of them among the tokens of the blocks that were kept. */
  places: 'places',
  /** `[rows, kept blocks, 1]`, int64: these blocks, each of `blockTokens` tokens. */
  blocks: 'blocks',
  /** `[rows]`, float32: ln of the sum of e^(logit - the largest one). */
  logPartition: 'log_partition',
  /** `[rows]`, float32, in nats */
  entropy: 'entropy',
} as const;

/** How many of the most likely tokens are told. */
export const topCount = 16;
export const blockTokens = 128;

/** Added to the logits of tokens that do not exist: below all others, and no infinity, of which no arithmetic must come. */
const absent = -1e30;
/** What is so far below the largest logit adds nothing to any sum; a limit keeps 0 * infinity out of them. */
const negligible = -100;

/**
 * Computes what a choice needs of a row of logits: the most likely tokens and the entropy, so that the rest stays on the device.
 *
 * onnxruntime's TopK sorts up to 2,048 values in one pass over shared memory and more of them in a hundred, so it is asked
 * twice: for the blocks with the largest maxima, in which the largest values must be, and for these values.
 */
export function headGraph(vocabulary: TokenMask): Uint8Array {
  const vocabSize = vocabulary.length;
  const graph = createGraph(withoutWeights);
  const scalar = (value: number) => graph.constant('float32', [1], Float32Array.of(value));
  graph.input(headNames.logits, 'float32', ['rows', vocabSize]);
  const bias = Float32Array.from(vocabulary, (exists) => (exists === 1 ? 0 : absent));
  const masked = graph.op('Add', [headNames.logits, graph.constant('float32', [vocabSize], bias)]);

  const blocks = Math.ceil(vocabSize / blockTokens);
  const filler = blocks * blockTokens - vocabSize;
  const padding = [graph.ints([0, 0, 0, filler]), graph.constant('float32', [], Float32Array.of(absent))];
  const padded = filler === 0 ? masked : graph.op('Pad', [masked, ...padding]);
  const inBlocks = graph.op('Reshape', [padded, graph.ints([-1, blocks, blockTokens])]);

  const kept = Math.min(topCount, blocks);
  const maxima = graph.op('ReduceMax', [inBlocks, graph.ints([2])], { keepdims: 1 });
  const { places: keptBlocks } = graph.topK(maxima, kept, 1, ['block_maxima', headNames.blocks]);
  const candidates = graph.op('GatherND', [inBlocks, keptBlocks], { batch_dims: 1 });
  const flat = graph.op('Reshape', [candidates, graph.ints([-1, kept * blockTokens])]);
  graph.topK(flat, topCount, 1, [headNames.values, headNames.places]);

  // With x = z - max: Z = sum e^x and H = ln Z - (1/Z) sum x e^x, each sum first within blocks, which rounds less.
  const max = graph.op('ReduceMax', [maxima, graph.ints([1])], { keepdims: 1 });
  const x = graph.op('Max', [graph.op('Sub', [inBlocks, max]), scalar(negligible)]);
  const e = graph.op('Exp', [x]);
  const sum = (values: string) => {
    const within = graph.op('ReduceSum', [values, graph.ints([2])], { keepdims: 0 });
    return graph.op('ReduceSum', [within, graph.ints([1])], { keepdims: 0 });
  };
  const partition = sum(e);
  const weighted = sum(graph.op('Mul', [x, e]));
  graph.op('Log', [partition], {}, headNames.logPartition);
  const mean = graph.op('Div', [weighted, partition]);
  graph.op('Sub', [headNames.logPartition, mean], {}, headNames.entropy);

  graph.output(headNames.values, 'float32', ['rows', topCount]);
  graph.output(headNames.places, 'int64', ['rows', topCount]);
  graph.output(headNames.blocks, 'int64', ['rows', kept, 1]);
  graph.output(headNames.logPartition, 'float32', ['rows']);
  graph.output(headNames.entropy, 'float32', ['rows']);
  return graph.encode('head');
}
