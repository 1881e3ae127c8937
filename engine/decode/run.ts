import type { LookaheadUse, StopReason } from '../completion';
import type { Decoder } from '../runtime/decoder';
import type { Output } from './output';
import { type Policy, type Sequence, step } from './step';
import type { Branch } from './uncertainty/lookahead';

/** The first place where a completion could have gone on otherwise. */
export interface Fork {
  /** Prompt and completion before it. */
  readonly tokens: readonly number[];
  /** The candidates that were not taken, best first. */
  readonly branches: readonly Branch[];
}

export interface Decoded {
  readonly stopReason: StopReason;
  readonly forwards: number;
  readonly drafted: number;
  readonly accepted: number;
  readonly lookahead: LookaheadUse;
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
      const [, ...branches] = lookahead.branches;
      pauses++;
      lookaheadForwards += lookahead.forwards;
      const { instead } = lookahead;
      if (instead !== undefined) changes.push({ at: output.tokens.length - 1, instead });
      fork ??= { tokens: sequence.tokens.slice(0, -1), branches };
    }
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
