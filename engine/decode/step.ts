import type { KvCache } from '../cache/kvCache';
import type { TokenSource } from '../completion';
import { type Decoder, roomInBlock } from '../runtime/decoder';
import type { Constraint } from './constraint';
import { type Distribution, distributionOf, intersection, type TokenMask } from './distribution';
import type { Drafter } from './draft';

/** A sequence in the middle of decoding. */
export interface Sequence {
  readonly cache: KvCache;
  /** The prompt and what has been committed; those from `cache.length` on are not encoded yet. */
  readonly tokens: number[];
  /** The text committed so far, without the prompt. */
  text: string;
}

export interface Policy {
  /** Tokens that exist and may be generated at all. */
  readonly vocabulary: TokenMask;
  readonly constraint: Constraint;
  readonly drafter: Drafter;
}

export interface CommittedToken {
  readonly token: number;
  readonly logprob: number;
  readonly entropy: number;
  readonly source: TokenSource;
  readonly constrained: boolean;
}

export interface StepResult {
  readonly drafted: number;
  readonly accepted: number;
}

/**
 * One turn of the decoder, and the spine of the engine: draft -> forward -> verify -> choose -> commit.
 * A draft token is accepted only if it is what would have been chosen in its place, so the tokens are the
 * same with and without drafts.
 * @param commit takes one token and returns whether decoding goes on; it extends `sequence.text`
 */
export async function step(
  decoder: Decoder,
  sequence: Sequence,
  policy: Policy,
  room: number,
  commit: (token: CommittedToken) => boolean,
): Promise<StepResult> {
  // A draft that crosses into another block would cost a second pass.
  const pending = sequence.tokens.length - sequence.cache.length;
  const roomInPass = roomInBlock(sequence.cache.length) - pending + 1;
  const draft = policy.drafter.draft(sequence.tokens, Math.min(room, roomInPass));
  const logits = await forward(decoder, sequence, draft);

  let accepted = 0;
  for (let row = 0; row <= draft.length; row++) {
    const mask = await policy.constraint.allowed(sequence.text);
    const distribution = distributionOf(
      logits(row),
      mask ? intersection(policy.vocabulary, mask) : policy.vocabulary,
    );
    const token = choose(distribution);
    const isDrafted = token === draft[row];
    if (isDrafted) accepted++;
    sequence.tokens.push(token);
    const goesOn = commit({
      token,
      logprob: distribution.logprob(token),
      entropy: distribution.entropy,
      source: isDrafted ? policy.drafter.source : 'model',
      constrained: mask !== undefined,
    });
    if (!isDrafted || !goesOn) break;
  }
  // The last committed token has no row yet (or a rejected draft's): the next step encodes it.
  sequence.cache.truncate(sequence.tokens.length - 1);
  return { drafted: draft.length, accepted };
}

/** Greedy choice: the only one so far. */
const choose = (distribution: Distribution) => distribution.best;

/** Encodes what is pending and the draft in one pass; gives the logits that follow each of the last rows. */
async function forward(decoder: Decoder, { cache, tokens }: Sequence, draft: readonly number[]) {
  const pending = tokens.slice(cache.length);
  const all = await decoder.forward(cache, [...pending, ...draft], { logits: draft.length + 1 });
  const width = decoder.config.vocabSize;
  return (row: number) => all.subarray(row * width, (row + 1) * width);
}
