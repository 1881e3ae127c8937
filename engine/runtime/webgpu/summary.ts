import type * as ort from 'onnxruntime-node';
import type { Candidate, Distribution } from '../../decode/distribution';
import { blockTokens, headNames, topCount } from './headGraph';

/** What the head graph computed of one row. */
export interface Summary {
  /** The largest logits with their tokens, the largest first, the lower id first among equals. */
  readonly top: readonly { readonly token: number; readonly logit: number }[];
  readonly logPartition: number;
  readonly entropy: number;
}

/** The outputs of the head graph, by rows. */
export function summariesOf(results: ort.InferenceSession.OnnxValueMapType): Summary[] {
  const floats = (name: string) => results[name]?.data as Float32Array;
  const wholes = (name: string) => Array.from(results[name]?.data as BigInt64Array, Number);
  const [values, places, blocks] = [
    floats(headNames.values),
    wholes(headNames.places),
    wholes(headNames.blocks),
  ];
  const [logPartition, entropy] = [floats(headNames.logPartition), floats(headNames.entropy)];
  const kept = blocks.length / logPartition.length;
  const tokenAt = (row: number, place: number) =>
    (blocks[row * kept + Math.floor(place / blockTokens)] as number) * blockTokens + (place % blockTokens);
  return Array.from(logPartition, (ln, row) => ({
    top: Array.from({ length: topCount }, (_, i) => row * topCount + i)
      .map((i) => ({ token: tokenAt(row, places[i] as number), logit: values[i] as number }))
      .sort((a, b) => b.logit - a.logit || a.token - b.token),
    logPartition: ln,
    entropy: entropy[row] as number,
  }));
}

/** No model's logits are so large: what is comes of tokens that do not exist, or is not a number. */
const plausible = 1e20;

/**
 * A row's distribution with so many of the most likely tokens; undefined where all logits are needed: for more tokens than are
 * told, where others are as likely as the last of them, so that their order is not known, and where something is not a number.
 */
export function distributionFrom(
  { top, logPartition, entropy }: Summary,
  count: number,
): Distribution | undefined {
  const wanted = top.slice(0, Math.max(1, count));
  const [first, last, least] = [wanted[0], wanted.at(-1), top.at(-1)];
  if (first === undefined || last === undefined || least === undefined || count >= top.length)
    return undefined;
  const isPlausible = [first.logit, last.logit, logPartition, entropy].every(
    (value) => Math.abs(value) < plausible,
  );
  if (!isPlausible || last.logit === least.logit) return undefined;
  const known = wanted.map(
    ({ token, logit }): Candidate => ({ token, logprob: logit - first.logit - logPartition }),
  );
  return {
    best: known[0] as Candidate,
    top(asked) {
      if (asked > known.length)
        throw new RangeError(`${asked} tokens are asked for where ${known.length} were to be known`);
      return known.slice(0, asked);
    },
    entropy: Math.max(0, entropy),
  };
}
