import type { LookaheadUse, StopReason } from '../completion';
import type { Decoder } from '../runtime/decoder';
import type { Output } from './output';
import { type Fork, type Policy, type Sequence, step } from './step';

export interface Decoded {
  readonly stopReason: StopReason;
  readonly forwards: number;
  readonly drafted: number;
  readonly accepted: number;
  readonly lookahead: LookaheadUse;
  /** The first place where the model was unsure. */
  readonly fork?: Fork;
}

/**
 * Decodes step by step until a stop rule holds.
 * @param room most tokens that may still come
 * @param interrupted asked between passes
 */
export async function decode(
  decoder: Decoder,
  sequence: Sequence,
  output: Output,
  policy: Policy,
  room: () => number,
  interrupted: () => StopReason | undefined,
): Promise<Decoded> {
  let forwards = 0;
  let drafted = 0;
  let accepted = 0;
  let pauses = 0;
  let lookaheadForwards = 0;
  const changes: LookaheadUse['changes'][number][] = [];
  let fork: Fork | undefined;
  for (;;) {
    const { lookahead, ...result } = await step(decoder, sequence, policy, room(), output.commit);
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
    const stopReason = output.stop?.reason ?? interrupted();
    if (stopReason === undefined) continue;
    return {
      stopReason,
      forwards,
      drafted,
      accepted,
      lookahead: { pauses, forwards: lookaheadForwards, changes },
      ...(fork && { fork }),
    };
  }
}
