import type { LookaheadUse, StopReason } from '../completion';
import type { Decoder } from '../runtime/decoder';
import type { Place } from './monitor/monitors';
import type { Output } from './output';
import { mostLoopsLeft } from './repetition';
import { type Fork, type Policy, type Sequence, step } from './step';

export interface Decoded {
  readonly stopReason: StopReason;
  readonly forwards: number;
  readonly drafted: number;
  readonly accepted: number;
  /** How often decoding went back to a place whose restriction came later. */
  readonly rollbacks: number;
  /** Loops that were taken back; what led into them was refused then. */
  readonly loopsLeft: number;
  readonly lookahead: LookaheadUse;
  /** The first place where the model was unsure. */
  readonly fork?: Fork;
}

/** Decodes a sequence to its end: `decode`, or beam search. */
export type Decode = (
  decoder: Decoder,
  sequence: Sequence,
  output: Output,
  policy: Policy,
  /** Most tokens that may still come. */
  room: () => number,
  /** Asked between passes. */
  interrupted: () => StopReason | undefined,
) => Promise<Decoded>;

/** Decodes step by step until a stop rule holds. A loop is no end as long as there is a way out of it. */
export const decode: Decode = async (decoder, sequence, output, policy, room, interrupted) => {
  let forwards = 0;
  let drafted = 0;
  let accepted = 0;
  let rollbacks = 0;
  let loopsLeft = 0;
  let pauses = 0;
  let lookaheadForwards = 0;
  let changes: LookaheadUse['changes'][number][] = [];
  let fork: Fork | undefined;
  const refused = new Map<number, readonly number[]>();
  const rules: Policy = { ...policy, refused: (length) => refused.get(length) };
  const takeBackTo = (length: number) => {
    goBack(sequence, output, length);
    if (fork !== undefined && fork.tokens.length >= length) fork = undefined;
    changes = changes.filter(({ at }) => sequence.start + at < length);
    for (const place of refused.keys()) if (sequence.start + place > length) refused.delete(place);
    for (const [place, asked] of sequence.open) if (asked > length) sequence.open.delete(place);
  };
  for (;;) {
    const { lookahead, ...result } = await step(decoder, sequence, rules, room(), output.commit);
    forwards += result.forwards;
    drafted += result.drafted;
    accepted += result.accepted;
    if (lookahead) {
      pauses++;
      lookaheadForwards += lookahead.forwards;
      const { instead } = lookahead;
      if (instead !== undefined) changes.push({ at: output.tokens.length - 1, instead });
    }
    fork ??= result.fork;
    let hasGoneBack = false;
    while (sequence.open.size > 0) {
      // Answers come in between passes only.
      await (output.stop ? anyAnswer(sequence, () => interrupted() !== undefined) : nextTurn());
      const back = firstAnswered(sequence);
      if (back !== undefined) {
        rollbacks++;
        hasGoneBack = true;
        takeBackTo(back);
      }
      if (!output.stop || interrupted() !== undefined) break;
    }
    if (sequence.open.size === 0 && !hasGoneBack) sequence.known.clear();
    const stopReason = output.stop?.reason ?? interrupted();
    if (stopReason === undefined) continue;
    const out = loopsLeft < mostLoopsLeft ? output.wayOut() : undefined;
    if (out !== undefined && interrupted() === undefined) {
      const place = sequence.start + out;
      const token = sequence.tokens[place] as number;
      takeBackTo(place);
      sequence.expected = undefined;
      sequence.cache.truncate(place - 1);
      refused.set(out, [...(refused.get(out) ?? []), token]);
      loopsLeft++;
      continue;
    }
    return {
      stopReason,
      forwards,
      drafted,
      accepted,
      rollbacks,
      loopsLeft,
      lookahead: { pauses, forwards: lookaheadForwards, changes },
      ...(fork && { fork }),
    };
  }
};

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** How often a completion that waits for an answer looks whether it is to end. */
const waitMs = 5;

/** Waits until a question is answered, or there is no time left. */
async function anyAnswer({ open }: Sequence, isInterrupted: () => boolean): Promise<void> {
  const isOpen = (place: Place) => place.restrictions === undefined;
  while ([...open.keys()].every(isOpen) && !isInterrupted())
    await new Promise((resolve) => setTimeout(resolve, waitMs));
}

/**
 * Closes the questions that have an answer.
 * @returns the length of the sequence up to which tokens were chosen without an answer that restricts them, if there are such
 */
function firstAnswered({ open }: Sequence): number | undefined {
  let first: number | undefined;
  for (const [{ restrictions }, length] of open) {
    if (restrictions?.length && length < (first ?? Number.POSITIVE_INFINITY)) first = length;
  }
  for (const [place, length] of open) {
    if (place.restrictions !== undefined || length >= (first ?? Number.POSITIVE_INFINITY)) open.delete(place);
  }
  return first;
}

/** Takes tokens back; those taken become the next draft, and what is known of their places is looked at again. */
function goBack(sequence: Sequence, output: Output, length: number): void {
  const { tokens, start } = sequence;
  sequence.expected = { source: 'model', draft: tokens.slice(length) };
  tokens.length = length;
  output.truncate(length - start);
}
