import { type Distribution, distributionOf, intersection, type TokenMask } from './distribution';
import type { Monitors, Place } from './monitor/monitors';

/** What restricts the next token beyond the vocabulary itself without asking anybody: token healing. */
export interface Constraint {
  /** The tokens that may follow `text`, the completion so far; undefined where anything may. */
  allowed(text: string): TokenMask | undefined;
}

/** No constraint anywhere. */
export const unconstrained: Constraint = { allowed: () => undefined };

/** All that decides which tokens are allowed. */
export interface Rules {
  /** Tokens that exist and may be generated at all. */
  readonly vocabulary: TokenMask;
  readonly constraint: Constraint;
  readonly monitoring?: Monitoring | undefined;
}

export interface Monitoring {
  readonly monitors: Monitors;
  readonly tokenBytes: (token: number) => Uint8Array;
  /** From this entropy on a choice looks at several tokens, and waits for the answers that it depends on. */
  readonly threshold: number;
  /** How many tokens it looks at then, the most likely ones. */
  readonly considered: number;
  readonly isInterrupted: () => boolean;
}

/** The distribution at a place, by the order logits -> mask -> renormalise. */
export interface Ruled {
  readonly distribution: Distribution;
  readonly isConstrained: boolean;
  /** What the monitors did, where they had a say. */
  readonly monitored: Monitored | undefined;
  /** Places that have a say here and no answer yet: as soon as there is one, this has to be looked at again. */
  readonly open: readonly Place[];
}

export interface Monitored {
  /** Natural logarithm of the share of the probability that they left. */
  readonly logKept: number;
  /** The most likely token without them, where they forbid it. */
  readonly instead: number | undefined;
}

/**
 * The distribution of the token behind a completion. A place of the monitors that only a token that is considered reaches
 * into is taken into account when such a token is among the most likely ones, and not before: no other has to be asked about.
 * @param text the completion so far, and its tokens
 */
export async function distributionAt(
  rules: Rules,
  logits: Float32Array,
  text: string,
  tokens: readonly number[],
): Promise<Ruled> {
  const { vocabulary, constraint, monitoring } = rules;
  const healing = constraint.allowed(text);
  const mask = healing === undefined ? vocabulary : intersection(vocabulary, healing);
  const free = distributionOf(logits, mask);
  const isHealing = healing !== undefined;
  if (monitoring === undefined) {
    return { distribution: free, isConstrained: isHealing, monitored: undefined, open: [] };
  }
  const { monitors, tokenBytes, threshold, considered, isInterrupted } = monitoring;
  const written = Buffer.concat(tokens.map(tokenBytes));
  const reaching: Uint8Array[] = [];
  for (;;) {
    const { mask: legal, open } = monitors.at(written, reaching);
    const distribution = legal === undefined ? free : within(logits, mask, legal, free);
    const isUnsure = distribution.entropy >= threshold;
    // Going on where it is not even likely that the token will stay costs more than it saves.
    if (open.length > 0 && (monitors.waits || isUnsure) && (await monitors.settled(isInterrupted))) continue;
    const found = distribution
      .top(isUnsure ? considered : 1)
      .map(tokenBytes)
      .filter((bytes) => !reaching.includes(bytes) && monitors.isPlaceWithin(written, bytes));
    if (found.length > 0) {
      reaching.push(...found);
      continue;
    }
    const isRestricted = distribution !== free;
    const { best } = distribution;
    return {
      distribution,
      isConstrained: isHealing || isRestricted,
      open,
      monitored: isRestricted
        ? {
            logKept: free.logprob(best) - distribution.logprob(best),
            instead: best === free.best ? undefined : free.best,
          }
        : undefined,
    };
  }
}

/** Restrictions that leave nothing are none. */
function within(logits: Float32Array, mask: TokenMask, legal: TokenMask, free: Distribution): Distribution {
  const both = intersection(mask, legal);
  return both.includes(1) ? distributionOf(logits, both) : free;
}
