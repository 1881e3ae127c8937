import type { LoadedModel } from '../../runtime/load';
import type { WholeDistribution } from '../distribution';

/** What llama.vscode asks llama.cpp for: samplers `top_k, top_p, infill`. */
const topK = 40;
const topP = 0.99;
/** Text tokens below this, and then below 1 / (n + 1) of those that are left, are dropped. */
const leastProbability = 0.2;

interface Candidate {
  readonly token: number;
  p: number;
}

/**
 * The rule of llama.cpp's `infill` sampler (src/llama-sampling.cpp), with the most likely token in place of a drawn one: the
 * completion ends where 3 * p_eog * n > p_text among the n tokens that top-k and top-p leave, tokens that begin others share
 * their probability with them, and where no token has at least a fifth of it the completion ends too.
 * @returns an end token or the token to commit
 */
export function infillChoice(
  distribution: WholeDistribution,
  { endTokens, tokenizer }: Pick<LoadedModel, 'endTokens' | 'tokenizer'>,
): number {
  const isEnd = (token: number) => endTokens.has(token);
  // Where a constraint does not let it end, the most likely token stands in for the end.
  const end = [...endTokens].find((token) => distribution.logprob(token) > Number.NEGATIVE_INFINITY);
  const endToken = end ?? distribution.best.token;
  const candidates = nucleus(distribution);
  const ends = candidates.filter(({ token }) => isEnd(token));
  const texts = candidates.filter(({ token }) => !isEnd(token));
  const sum = (list: readonly Candidate[]) => list.reduce((total, { p }) => total + p, 0);
  if (3 * sum(ends) * candidates.length > sum(texts)) return ends[0]?.token ?? endToken;
  const merged = mergePrefixes(texts, tokenizer.tokenBytes);
  const likely = merged.filter(({ p }) => p >= leastProbability);
  if (likely.length === 0) return ends[0]?.token ?? endToken;
  const total = sum(likely) + sum(ends);
  const kept = likely.filter(({ p }) => p / total >= 1 / (likely.length + 1));
  const best = (kept.length === 0 ? likely : kept).reduce((a, b) => (b.p > a.p ? b : a));
  return best.token;
}

/** The most likely tokens, at most 40, that have 99 % of the probability. */
function nucleus(distribution: WholeDistribution): Candidate[] {
  const kept: Candidate[] = [];
  let total = 0;
  const top = distribution.top(topK).map(({ token, logprob }) => ({ token, p: Math.exp(logprob) }));
  const all = top.reduce((sum, { p }) => sum + p, 0);
  for (const candidate of top) {
    kept.push(candidate);
    total += candidate.p / all;
    if (total >= topP) break;
  }
  return kept.map(({ token, p }) => ({ token, p: p / all / total }));
}

/** Where one token begins another, the more likely of the two takes the probability of both. */
function mergePrefixes(texts: readonly Candidate[], bytesOf: (token: number) => Uint8Array): Candidate[] {
  const merged: Candidate[] = [];
  for (const { token, p } of texts) {
    const bytes = bytesOf(token);
    const related = merged.find((other) => begins(bytesOf(other.token), bytes));
    if (related) related.p += p;
    else merged.push({ token, p });
  }
  return merged;
}

/** Whether the shorter one begins the longer one. */
const begins = (a: Uint8Array, b: Uint8Array) => {
  const length = Math.min(a.length, b.length);
  return length > 0 && a.subarray(0, length).every((byte, i) => byte === b[i]);
};
