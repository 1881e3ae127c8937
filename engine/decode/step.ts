import type { KvCache } from '../cache/kvCache';
import type { TokenSource } from '../completion';
import type { Decoder } from '../runtime/decoder';
import { distributionAt, type Monitored, type Ruled, type Rules } from './constraint';
import type { Candidate, Distribution, WholeDistribution } from './distribution';
import type { Drafter } from './draft';
import type { Place } from './monitor/monitors';
import type { Prediction } from './prediction';
import {
  type Branch,
  candidatesOf,
  type Lookahead,
  type LookaheadOptions,
  lookAhead,
} from './uncertainty/lookahead';

export interface Draft {
  readonly source: TokenSource;
  readonly draft: readonly number[];
}

/** A sequence in the middle of decoding. */
export interface Sequence {
  readonly cache: KvCache;
  /** The prompt and what has been committed; those from `cache.length` on are not encoded yet. */
  readonly tokens: number[];
  /** How many of them are the prompt. */
  readonly start: number;
  /** The text committed so far, without the prompt. */
  text: string;
  /** What is likely to come next, by the last lookahead or because it was typed: the next draft. */
  expected?: Draft | undefined;
  /** Questions without an answer, each with the length that `tokens` had when the answer was first missing. */
  readonly open: Map<Place, number>;
  /** Predictions by the length that `tokens` had, from the first such question on: going back needs no second pass. */
  readonly known: Map<number, Prediction>;
}

export const newSequence = (
  cache: KvCache,
  prompt: readonly number[],
  expected?: Draft | undefined,
): Sequence => ({
  cache,
  tokens: [...prompt],
  start: prompt.length,
  text: '',
  expected,
  open: new Map(),
  known: new Map(),
});

export interface Policy extends Rules {
  readonly drafter: Drafter;
  /** Chooses a token where nothing looks ahead; the most likely one where left out. */
  readonly choose?: ((distribution: WholeDistribution) => number) | undefined;
  /** Decides where the model is unsure. */
  readonly lookahead?: LookaheadOptions | undefined;
}

export interface CommittedToken {
  readonly token: number;
  readonly logprob: number;
  readonly entropy: number;
  readonly source: TokenSource;
  readonly constrained: boolean;
  readonly monitored?: Monitored | undefined;
}

export interface StepResult {
  readonly forwards: number;
  /** Copied tokens that were proposed, and how many of them were right. */
  readonly drafted: number;
  readonly accepted: number;
  readonly lookahead?: Lookahead;
  /** The first place of the step where the model was unsure. */
  readonly fork?: Fork;
}

/** A place where the completion could go on otherwise. */
export interface Fork {
  /** Prompt and completion before it. */
  readonly tokens: readonly number[];
  /** What was not taken there, best first. */
  readonly branches: readonly Pick<Branch, 'tokens' | 'preview'>[];
}

/**
 * One turn of the decoder, and the spine of the engine: draft -> forward -> verify -> choose -> commit.
 * A draft token is accepted only if it is what would have been chosen in its place, so the tokens are the
 * same with and without drafts. Where the model is unsure a lookahead chooses, and the step ends.
 * @param commit takes one token and returns whether decoding goes on; it extends `sequence.text`
 */
export async function step(
  decoder: Decoder,
  sequence: Sequence,
  policy: Policy,
  room: number,
  commit: (token: CommittedToken) => boolean,
): Promise<StepResult> {
  const { source, draft, prediction, forwards } =
    recalled(sequence) ??
    (await forward(
      decoder,
      sequence,
      askedAhead(nextDraft(decoder, sequence, policy, room), sequence, policy),
    ));

  let accepted = 0;
  let lookahead: Lookahead | undefined;
  let fork: Fork | undefined;
  for (let row = 0; row <= draft.length; row++) {
    const ruled = await distributionAt(
      policy,
      prediction(row),
      sequence.text,
      sequence.tokens.slice(sequence.start),
      policy.lookahead?.candidates ?? 1,
    );
    const { distribution, isConstrained, monitored } = ruled;
    leaveOpen(sequence, ruled.open);
    const candidates = candidatesAt(distribution, decoder, policy);
    const isUnsure = candidates.length > 1;
    await remember(sequence, prediction(row), isUnsure && policy.monitoring !== undefined);
    if (isUnsure) lookahead = await lookaheadFrom(candidates, decoder, sequence, distribution, policy);
    const { token, logprob } = lookahead?.branches[0]?.candidate ?? (await chosenFrom(ruled, policy));
    fork ??= forkAt(sequence.tokens, token, distribution, lookahead, policy);
    const isDrafted = lookahead === undefined && token === draft[row];
    if (isDrafted) accepted++;
    sequence.tokens.push(token);
    const goesOn = commit({
      token,
      logprob,
      entropy: distribution.entropy,
      source: lookahead ? 'lookahead' : isDrafted ? source : 'model',
      constrained: isConstrained,
      monitored,
    });
    // A lookahead has taken the place of the draft's other rows.
    if (isUnsure || !isDrafted || !goesOn) break;
  }
  // The last committed token has no row yet (or a rejected draft's): the next step encodes it.
  sequence.cache.truncate(sequence.tokens.length - 1);
  for (const length of sequence.known.keys())
    if (length >= sequence.tokens.length) sequence.known.delete(length);
  const isCopy = source === 'copy';
  return {
    forwards: forwards + (lookahead?.forwards ?? 0),
    drafted: isCopy ? draft.length : 0,
    accepted: isCopy ? accepted : 0,
    ...(lookahead && { lookahead }),
    ...(fork && { fork }),
  };
}

/** What a lookahead has found out comes before what may be copied. */
function nextDraft(decoder: Decoder, sequence: Sequence, { drafter }: Policy, room: number): Draft {
  // A draft that does not fit would cost a second pass.
  const pending = sequence.tokens.length - sequence.cache.length;
  const most = Math.min(room, decoder.roomInPass(sequence.cache.length) - pending + 1);
  const { source, draft = [] } = sequence.expected ?? {};
  sequence.expected = undefined;
  const fitting = draft.slice(0, Math.max(0, most - 1));
  if (source !== undefined && fitting.length > 0) return { source, draft: fitting };
  return { source: drafter.source, draft: drafter.draft(sequence.tokens, most) };
}

/** What else the model would have taken where it is unsure: the losers of a lookahead, and tokens that were not tried. */
function forkAt(
  tokens: readonly number[],
  taken: number,
  distribution: Distribution,
  tried: Lookahead | undefined,
  { lookahead }: Policy,
): Fork | undefined {
  if (lookahead === undefined || distribution.entropy < lookahead.threshold) return undefined;
  const losers = tried?.branches.slice(1) ?? [];
  const known = [taken, ...losers.map((branch) => branch.tokens[0])];
  const untried = distribution.top(lookahead.candidates).filter(({ token }) => !known.includes(token));
  const others = untried.map(({ token }) => ({
    tokens: [token],
    preview: lookahead.outlook.preview([token]),
  }));
  return { tokens: [...tokens], branches: [...losers, ...others] };
}

/** What a lookahead has to choose from; one token or none where it has nothing to do. Its rollouts are branches of a tree. */
function candidatesAt(
  distribution: Distribution,
  { trees }: Decoder,
  { lookahead }: Policy,
): readonly Candidate[] {
  if (lookahead === undefined || !trees || distribution.entropy < lookahead.threshold) return [];
  if (!lookahead.outlook.goesOnAfter(distribution.best.logprob)) return [];
  return candidatesOf(distribution, lookahead);
}

/** @returns undefined if it was interrupted */
async function lookaheadFrom(
  candidates: readonly Candidate[],
  decoder: Decoder,
  sequence: Sequence,
  distribution: Distribution,
  policy: Policy,
): Promise<Lookahead | undefined> {
  const { lookahead } = policy;
  if (lookahead === undefined) return undefined;
  sequence.cache.truncate(sequence.tokens.length);
  const found = await lookAhead(candidates, decoder, sequence, distribution, policy, lookahead);
  const taken = found?.branches[0];
  if (lookahead.splice && taken) {
    sequence.expected = { source: 'lookahead', draft: taken.tokens.slice(1, taken.certain) };
  }
  return found;
}

interface Pass extends Draft {
  /** What follows the draft's tokens before `row`. */
  readonly prediction: (row: number) => Prediction;
  readonly forwards: number;
}

/** Encodes what is pending and the draft in one pass. */
async function forward(
  decoder: Decoder,
  { cache, tokens }: Sequence,
  { source, draft }: Draft,
): Promise<Pass> {
  const pending = tokens.slice(cache.length);
  const predictions = await decoder.predict(cache, [...pending, ...draft], { logits: draft.length + 1 });
  return { source, draft, forwards: 1, prediction: (row) => predictions[row] as Prediction };
}

/**
 * Keeps what going back to this place needs, as long as there may be a reason to go back. An answer restricts what may stand
 * here, which takes all logits, and passes to come write over those that are on a device.
 * @param asksMore whether a lookahead from here may leave questions open
 */
async function remember(sequence: Sequence, prediction: Prediction, asksMore: boolean): Promise<void> {
  if (sequence.open.size === 0 && !asksMore) return;
  await prediction.logits();
  sequence.known.set(sequence.tokens.length, prediction);
}

async function chosenFrom({ distribution, whole }: Ruled, { choose }: Policy): Promise<Candidate> {
  if (choose === undefined) return distribution.best;
  const all = await whole();
  const token = choose(all);
  return { token, logprob: all.logprob(token) };
}

/** What is known since before decoding went back: the tokens that were there are verified anew, without a pass. */
function recalled(sequence: Sequence): Pass | undefined {
  const { known, tokens, expected } = sequence;
  const at = tokens.length;
  if (!known.has(at)) return undefined;
  let rows = 1;
  while (known.has(at + rows)) rows++;
  sequence.expected = undefined;
  return {
    source: expected?.source ?? 'model',
    draft: expected?.draft.slice(0, rows - 1) ?? [],
    forwards: 0,
    prediction: (row) => known.get(at + row) as Prediction,
  };
}

/** What monitors have to say about a draft is asked while it is verified. */
function askedAhead(draft: Draft, { tokens, start }: Sequence, { monitoring }: Policy): Draft {
  if (monitoring !== undefined && draft.draft.length > 0) {
    const { monitors, tokenBytes } = monitoring;
    monitors.at(Buffer.concat([...tokens.slice(start), ...draft.draft].map(tokenBytes)), []);
  }
  return draft;
}

/** Notes which questions the next token would depend on. */
export function leaveOpen(sequence: Sequence, open: readonly Place[]): void {
  for (const place of open) if (!sequence.open.has(place)) sequence.open.set(place, sequence.tokens.length);
}
