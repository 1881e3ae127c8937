import type { LookaheadParameters } from '../../completion';
import type { Decoder } from '../../runtime/decoder';
import { allowedAt } from '../constraint';
import { type Distribution, distributionOf } from '../distribution';
import type { Policy, Sequence } from '../step';
import type { Stop } from '../stop';

export interface LookaheadOptions extends LookaheadParameters {
  /** Shannon entropy in nats from which on the model counts as unsure. */
  readonly threshold: number;
  readonly outlook: Outlook;
}

/** The parameters of the paper's main results. */
export const adaptive = { candidates: 3, depth: 5, adapt: false } as const;

/** What a completion would be with more tokens behind it. */
export interface Preview {
  readonly text: string;
  /** What ends it there. */
  readonly stop: Stop | undefined;
}

/** What looking ahead must know of the request that it serves. */
export interface Outlook {
  /** @param tokens behind those committed so far */
  preview(tokens: readonly number[]): Preview;
  /** Asked between passes; a lookahead that is interrupted has no result. */
  isInterrupted(): boolean;
}

/** A candidate and the greedy rollout behind it. */
export interface Branch {
  readonly tokens: readonly number[];
  /** Mean of the log-probabilities. */
  readonly score: number;
  /** Leading tokens that decoding would choose itself behind the candidate, which stands first: up to where it would look ahead again. */
  readonly certain: number;
  readonly preview: Preview;
}

export interface Lookahead {
  /** Best first. */
  readonly branches: readonly Branch[];
  /** Text of the most likely token, where another one was found better. */
  readonly instead: string | undefined;
  readonly forwards: number;
}

interface GrowingBranch {
  readonly tokens: number[];
  readonly logprobs: number[];
  certain: number;
  preview: Preview;
  /** Of its last token in the tree; -1 before it is encoded. */
  row: number;
  isUnsure: boolean;
}

/** Entropy at which all candidates are tried where their number adapts, in nats: CNTP's (arXiv 2507.03038). */
const fullEntropy = 1.5;

/**
 * AdaDec's lookahead (arXiv 2506.08980): follows the most likely tokens greedily for a few more and ranks them by the mean
 * log-probability of candidate and rollout. All candidates are rows of one tree behind the sequence, so a step of all rollouts
 * is one pass. Unlike in the authors' code a rollout that ends early is ranked by the tokens that it has.
 * @param distribution at the place behind `sequence`, all of whose tokens are encoded
 * @returns undefined if it was interrupted; the cache is as before in any case
 */
export async function lookAhead(
  decoder: Decoder,
  { cache, tokens }: Sequence,
  distribution: Distribution,
  policy: Policy,
  options: LookaheadOptions,
): Promise<Lookahead | undefined> {
  const { outlook } = options;
  const branches = distribution.top(candidateCount(distribution.entropy, options)).map(
    (token): GrowingBranch => ({
      tokens: [token],
      logprobs: [distribution.logprob(token)],
      certain: 1,
      preview: outlook.preview([token]),
      row: -1,
      isUnsure: false,
    }),
  );
  const start = cache.length;
  const depth = Math.min(options.depth, decoder.maxPositions - tokens.length);
  const parents: number[] = [];
  let forwards = 0;
  for (let step = 0; step < depth; step++) {
    const growing = branches.filter((branch) => !hasEnded(branch, options));
    if (growing.length === 0) break;
    if (outlook.isInterrupted()) {
      cache.truncate(start);
      return undefined;
    }
    for (const branch of growing) branch.row = parents.push(branch.row) - 1;
    const last = growing.map((branch) => branch.tokens.at(-1) as number);
    const logits = await decoder.forward(cache, last, { logits: last.length, parents });
    forwards++;
    for (const [i, branch] of growing.entries()) {
      const { mask } = await allowedAt(policy, branch.preview.text);
      grow(branch, distributionOf(rowOf(logits, i, decoder), mask), options.threshold);
      branch.preview = outlook.preview(branch.tokens);
    }
  }
  cache.truncate(start);
  const ranked = branches
    .map(
      ({ tokens, logprobs, certain, preview }): Branch => ({
        tokens,
        certain,
        preview,
        score: logprobs.reduce((sum, logprob) => sum + logprob, 0) / logprobs.length,
      }),
    )
    // A sort is stable: among equals the more likely candidate stays first.
    .sort((a, b) => b.score - a.score);
  const isChanged = ranked[0]?.tokens[0] !== distribution.best;
  const textWith = (token: number[]) => outlook.preview(token).text;
  const instead = isChanged ? textWith([distribution.best]).slice(textWith([]).length) : undefined;
  return { branches: ranked, instead, forwards };
}

function grow(branch: GrowingBranch, distribution: Distribution, threshold: number): void {
  branch.isUnsure ||= distribution.entropy >= threshold;
  branch.tokens.push(distribution.best);
  branch.logprobs.push(distribution.logprob(distribution.best));
  if (!branch.isUnsure) branch.certain++;
}

const hasEnded = ({ preview }: GrowingBranch, { adapt }: LookaheadOptions) =>
  preview.stop !== undefined || (adapt && preview.text.endsWith('\n'));

function candidateCount(entropy: number, { candidates, threshold, adapt }: LookaheadOptions): number {
  if (!adapt || candidates <= 2) return candidates;
  const share = (entropy - threshold) / Math.max(fullEntropy - threshold, 0.5);
  return 2 + Math.round((candidates - 2) * Math.min(1, Math.max(0, share)));
}

const rowOf = (logits: Float32Array, row: number, { config: { vocabSize } }: Decoder) =>
  logits.subarray(row * vocabSize, (row + 1) * vocabSize);
