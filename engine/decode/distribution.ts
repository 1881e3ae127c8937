import { SlipstreamError } from '../errors';

/** The next-token distribution at one position, in the order logits -> mask -> renormalise -> entropy -> choose. */

/** One byte per token id: 1 where the token may follow, 0 where not. */
export type TokenMask = Uint8Array;

/** Tokens that both masks allow. */
export const intersection = (a: TokenMask, b: TokenMask): TokenMask =>
  a.map((allowed, id) => allowed & (b[id] ?? 0));

/** A mask without some of its tokens. */
export const without = (mask: TokenMask, tokens: readonly number[]): TokenMask =>
  mask.map((allowed, id) => (tokens.includes(id) ? 0 : allowed));

/** A token and the natural logarithm of its probability. */
export interface Candidate {
  readonly token: number;
  readonly logprob: number;
}

/** What a choice needs of the probabilities of all tokens. */
export interface Distribution {
  /** The most likely allowed token; the lowest id among equals. */
  readonly best: Candidate;
  /** The most likely allowed tokens, best first, the lower id first among equals; fewer where fewer are allowed. */
  top(count: number): Candidate[];
  /** Shannon entropy over the allowed vocabulary, in nats. */
  readonly entropy: number;
}

/** One that has them all. */
export interface WholeDistribution extends Distribution {
  /** Natural logarithm of a token's probability; -Infinity where it is not allowed. */
  logprob(token: number): number;
}

/** Terms below e^-30 of the largest cannot change the sums by more than 1e-8, whatever the vocabulary. */
const negligible = -30;

/**
 * @param logits `[vocabulary]`, fp32
 * @throws RangeError when nothing is allowed; SlipstreamError model-corrupt when the logits are not numbers
 */
export function distributionOf(logits: Float32Array, mask: TokenMask): WholeDistribution {
  let best = -1;
  let top = Number.NEGATIVE_INFINITY;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token] as number;
    if (logit > top && mask[token] === 1) {
      top = logit;
      best = token;
    }
  }
  if (best < 0 || top === Number.POSITIVE_INFINITY) throw nothingToChoose(logits);

  // With x = z - max: Z = sum e^x and H = ln Z - (1/Z) sum x e^x.
  let partition = 0;
  let weighted = 0;
  for (let token = 0; token < logits.length; token++) {
    const x = (logits[token] as number) - top;
    if (x < negligible || mask[token] !== 1) continue;
    const e = Math.exp(x);
    partition += e;
    weighted += x * e;
  }
  const logPartition = Math.log(partition);
  const logprob = (token: number) =>
    mask[token] === 1 ? (logits[token] as number) - top - logPartition : Number.NEGATIVE_INFINITY;
  const candidate = (token: number): Candidate => ({ token, logprob: logprob(token) });
  return {
    best: candidate(best),
    top: (count) => topTokens(logits, mask, count).map(candidate),
    entropy: Math.max(0, logPartition - weighted / partition),
    logprob,
  };
}

function topTokens(logits: Float32Array, mask: TokenMask, count: number): number[] {
  const best: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token] as number;
    if (mask[token] !== 1 || (best.length === count && logit <= least)) continue;
    if (best.length === count) best.pop();
    const at = best.findIndex((other) => (logits[other] as number) < logit);
    best.splice(at < 0 ? best.length : at, 0, token);
    least = logits[best.at(-1) as number] as number;
  }
  return best;
}

function nothingToChoose(logits: Float32Array): Error {
  if (logits.every((logit) => logit < Number.POSITIVE_INFINITY))
    return new RangeError('no token is allowed here');
  return new SlipstreamError(
    'model-corrupt',
    'Cannot complete because what the model computes is not a number: its weights are damaged, or too large for this precision; try the precision fp32 or choose another model.',
  );
}
