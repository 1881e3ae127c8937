/** What the benchmarks use of the engine beneath its public surface: single forward passes, timed one by one. */
import { planEdit } from '../../engine/cache/editPlan';
import { prefill as prefillAllButLast } from '../../engine/decode/prefill';
import { type Decoder, loadDecoder } from '../../engine/runtime/decoder';

export { type Decoder, loadDecoder };
export type KvCache = ReturnType<Decoder['newCache']>;

/** Encodes a prompt as a completion does; returns the logits of its last row. */
export async function prefill(
  decoder: Decoder,
  cache: KvCache,
  tokens: readonly number[],
): Promise<Float32Array> {
  await prefillAllButLast(decoder, cache, tokens, planEdit(cache, tokens), undefined, () => undefined);
  return decoder.forward(cache, tokens.slice(cache.length), { logits: 1 });
}

export function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if ((logits[i] ?? 0) > (logits[best] ?? 0)) best = i;
  return best;
}

/** Elements of the matrices that one decode step reads. */
export function matrixElements({ config }: Decoder): number {
  const { hiddenSize, heads, kvHeads, headDim, intermediateSize, layers, vocabSize } = config;
  const attention = hiddenSize * headDim * (2 * heads + 2 * kvHeads);
  const feedForward = hiddenSize * intermediateSize * (config.activation === 'silu-gated' ? 3 : 2);
  return layers * (attention + feedForward) + vocabSize * hiddenSize;
}
