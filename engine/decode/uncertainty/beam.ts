import type { StopReason } from '../../completion';
import { distributionAt } from '../constraint';
import type { Candidate } from '../distribution';
import type { Prediction } from '../prediction';
import type { Decode } from '../run';
import type { CommittedToken } from '../step';
import type { Preview } from './lookahead';

/** Hypotheses that are kept. */
const width = 3;

interface Hypothesis {
  readonly tokens: readonly CommittedToken[];
  /** Sum of the log-probabilities. */
  readonly total: number;
  readonly preview: Preview;
  /** Of its last token in the tree. */
  readonly row: number;
}

/**
 * Beam search, for comparison: the hypotheses are branches of one tree, so a step of all is one pass. A hypothesis that a
 * stop rule ends is ranked by the mean log-probability of its tokens; the search ends when no running one can become better
 * by that measure than as many ended ones as it is wide (transformers' `early_stopping=False`).
 * The parameters are those of `decode`.
 */
export const beamDecode: Decode = async (decoder, sequence, output, policy, room, interrupted) => {
  const { cache } = sequence;
  const most = room();
  const [first] = await decoder.predict(cache, sequence.tokens.slice(cache.length), { logits: 1 });
  const start = cache.length;
  const parents: number[] = [];
  const ended: Hypothesis[] = [];
  let forwards = 1;
  let reason: StopReason | undefined;

  const extend = async (hypothesis: Hypothesis, prediction: Prediction): Promise<Hypothesis[]> => {
    const written = hypothesis.tokens.map(({ token }) => token);
    const { distribution, isConstrained } = await distributionAt(
      policy,
      prediction,
      hypothesis.preview.text,
      written,
      width,
    );
    const { entropy } = distribution;
    return distribution
      .top(width)
      .map((candidate) => extended(hypothesis, { ...candidate, entropy, constrained: isConstrained }));
  };
  const extended = (
    hypothesis: Hypothesis,
    candidate: Candidate & Pick<CommittedToken, 'entropy' | 'constrained'>,
  ): Hypothesis => {
    const committed = { ...candidate, source: 'model' } as const;
    const all = [...hypothesis.tokens, committed];
    const preview = output.preview(all.map((one) => one.token));
    return { tokens: all, total: hypothesis.total + committed.logprob, preview, row: hypothesis.row };
  };

  const root = { tokens: [], total: 0, preview: output.preview([]), row: -1 };
  let candidates = await extend(root, first as Prediction);
  for (;;) {
    const best = candidates.sort((a, b) => b.total - a.total).slice(0, width);
    const isOver = ({ preview, tokens }: Hypothesis) => preview.stop !== undefined || tokens.length >= most;
    ended.push(...best.filter(isOver));
    ended.sort((a, b) => scoreOf(b) - scoreOf(a)).splice(width);
    const running = best
      .filter((hypothesis) => !isOver(hypothesis))
      .map((hypothesis) => ({ ...hypothesis, row: parents.push(hypothesis.row) - 1 }));
    const worst = ended.length < width ? Number.NEGATIVE_INFINITY : scoreOf(ended.at(-1) as Hypothesis);
    if (running.length === 0 || scoreOf(running[0] as Hypothesis) <= worst) break;
    reason = interrupted();
    if (reason !== undefined) {
      ended.push(...running);
      break;
    }
    const last = running.map(({ tokens }) => tokens.at(-1)?.token as number);
    const predictions = await decoder.predict(cache, last, { logits: last.length, parents });
    forwards++;
    const rows = running.map((hypothesis, i) => extend(hypothesis, predictions[i] as Prediction));
    candidates = (await Promise.all(rows)).flat();
  }
  cache.truncate(start);
  const best = ended.sort((a, b) => scoreOf(b) - scoreOf(a))[0];
  for (const committed of best?.tokens ?? []) {
    sequence.tokens.push(committed.token);
    if (!output.commit(committed)) break;
  }
  return {
    stopReason: output.stop?.reason ?? reason ?? 'max-tokens',
    forwards,
    drafted: 0,
    accepted: 0,
    rollbacks: 0,
    loopsLeft: 0,
    lookahead: { pauses: 0, forwards: 0, changes: [] },
  };
};

const scoreOf = ({ total, tokens }: Hypothesis) => total / tokens.length;
