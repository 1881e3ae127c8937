/** What the benchmarks use of the engine beneath its public surface: single forward passes, timed one by one. */
import { planEdit } from '../../engine/cache/editPlan';
import { unconstrained } from '../../engine/decode/constraint';
import { noDraft } from '../../engine/decode/draft';
import { prefill as prefillAllButLast } from '../../engine/decode/prefill';
import { type Sequence, step } from '../../engine/decode/step';
import type { Precision } from '../../engine/model/linear';
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

/** Token ids without a pattern, the same for whoever gets them. */
export function promptTokens(count: number, vocabSize: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7919 + 13) % (vocabSize - 300));
}

/**
 * Decodes the most likely tokens one by one, as the product does where it drafts nothing and is sure.
 * @param onToken called as soon as a token is known
 */
export async function writeTokens(
  decoder: Decoder,
  sequence: Sequence,
  count: number,
  onToken: () => void,
): Promise<void> {
  const policy = { constraint: unconstrained, drafter: noDraft };
  for (let done = 0; done < count; done++) {
    await step(decoder, sequence, policy, count - done, () => true);
    onToken();
  }
}

/** What the product looks at of some rows: the most likely token behind each, and the entropy. */
export async function predictions(
  decoder: Decoder,
  cache: KvCache,
  tokens: readonly number[],
): Promise<void> {
  for (const prediction of await decoder.predict(cache, tokens, { logits: tokens.length }))
    await prediction.distribution(1);
}

export function argmax(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if ((logits[i] ?? 0) > (logits[best] ?? 0)) best = i;
  return best;
}

/** Elements of the matrices that one decode step reads. */
export function matrixElements({ config }: Pick<Decoder, 'config'>): number {
  const { hiddenSize, heads, kvHeads, headDim, intermediateSize, layers, vocabSize } = config;
  const attention = hiddenSize * headDim * (2 * heads + 2 * kvHeads);
  const feedForward = hiddenSize * intermediateSize * (config.activation === 'silu-gated' ? 3 : 2);
  return layers * (attention + feedForward) + vocabSize * hiddenSize;
}

/** Bytes that a block of 32 weights has beside its codes: a scale, and at 4 bits half a byte for where zero is. */
const blockBytes: Record<Precision, number> = { fp32: 0, int8: 4, int4: 4.5 };
const codeBytes: Record<Precision, number> = { fp32: 4, int8: 1, int4: 0.5 };

/**
 * Bytes of a device's memory that a decode step cannot do without: the matrices, and the keys and values of the rows before it.
 * @param device int8 has blocks on a GPU, and a scale per row on the processor, which does not count
 */
export function bytesOfStep(
  { config, device, precision }: Pick<Decoder, 'config' | 'device' | 'precision'>,
  rows: number,
): number {
  const { vocabSize, hiddenSize, layers, kvHeads, headDim } = config;
  const perWeight = (held: Precision) =>
    codeBytes[held] + (held === 'int8' && device === 'cpu' ? 0 : blockBytes[held] / 32);
  const output = vocabSize * hiddenSize;
  // At 4 bits the output matrix has 8.
  const weights =
    (matrixElements({ config }) - output) * perWeight(precision) +
    output * perWeight(precision === 'int4' ? 'int8' : precision);
  return weights + 2 * rows * layers * kvHeads * headDim * Float32Array.BYTES_PER_ELEMENT;
}
