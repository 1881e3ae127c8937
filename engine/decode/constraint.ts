import {
  type Distribution,
  distributionOf,
  intersection,
  type TokenMask,
  type WholeDistribution,
  without,
} from './distribution';
import type { Monitors, Place } from './monitor/monitors';
import type { Prediction } from './prediction';

/** What restricts the next token beyond the vocabulary itself without asking anybody: token healing. */
export interface Constraint {
  /** The tokens that may follow `text`, the completion so far; undefined where anything may. */
  allowed(text: string): TokenMask | undefined;
}

/** No constraint anywhere. */
export const unconstrained: Constraint = { allowed: () => undefined };

/** All that decides which tokens of the vocabulary are allowed. */
export interface Rules {
  readonly constraint: Constraint;
  /** The tokens that may not follow a completion of so many tokens, because they led into a loop. */
  readonly refused?: ((length: number) => readonly number[] | undefined) | undefined;
  readonly monitoring?: Monitoring | undefined;
}

export interface Monitoring {
  readonly monitors: Monitors;
  readonly tokenBytes: (token: number) => Uint8Array;
  /** From this entropy on a choice looks at several tokens, and waits for the answers that it depends on. */
  readonly threshold: number;
  readonly isInterrupted: () => boolean;
}

/** The distribution at a place, by the order logits -> mask -> renormalise. */
export interface Ruled {
  readonly distribution: Distribution;
  /** The same with the probabilities of all tokens. */
  whole(): Promise<WholeDistribution>;
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
 * Where nothing is forbidden the logits are not asked for.
 * @param text the completion so far, and its tokens
 * @param considered how many tokens a choice looks at where the model is unsure, the most likely ones
 */
export async function distributionAt(
  { constraint, refused, monitoring }: Rules,
  prediction: Prediction,
  text: string,
  tokens: readonly number[],
  considered: number,
): Promise<Ruled> {
  const healing = constraint.allowed(text);
  const loop = refused?.(tokens.length);
  const isLimited = healing !== undefined || loop !== undefined;
  const healed = healing ? intersection(prediction.vocabulary, healing) : prediction.vocabulary;
  const mask = loop ? without(healed, loop) : healed;
  const limited = isLimited ? distributionOf(await prediction.logits(), mask) : undefined;
  const free = limited ?? (await prediction.distribution(considered));
  const whole = async () => limited ?? prediction.whole();
  if (monitoring === undefined) {
    return { distribution: free, whole, isConstrained: isLimited, monitored: undefined, open: [] };
  }
  const { monitors, tokenBytes, threshold, isInterrupted } = monitoring;
  const written = Buffer.concat(tokens.map(tokenBytes));
  const reaching: Uint8Array[] = [];
  for (;;) {
    const { mask: legal, open } = monitors.at(written, reaching);
    const restricted = legal && (await within(prediction, intersection(mask, legal)));
    const distribution = restricted ?? free;
    const isUnsure = distribution.entropy >= threshold;
    // Going on where it is not even likely that the token will stay costs more than it saves.
    if (open.length > 0 && (monitors.waits || isUnsure) && (await monitors.settled(isInterrupted))) continue;
    const found = distribution
      .top(isUnsure ? considered : 1)
      .map(({ token }) => tokenBytes(token))
      .filter((bytes) => !reaching.includes(bytes) && monitors.isPlaceWithin(written, bytes));
    if (found.length > 0) {
      reaching.push(...found);
      continue;
    }
    return {
      distribution,
      whole: restricted === undefined ? whole : async () => restricted,
      isConstrained: isLimited || restricted !== undefined,
      open,
      monitored: restricted && monitoredOf(restricted, await whole()),
    };
  }
}

/** Restrictions that leave nothing are none. */
async function within(prediction: Prediction, mask: TokenMask): Promise<WholeDistribution | undefined> {
  return mask.includes(1) ? distributionOf(await prediction.logits(), mask) : undefined;
}

const monitoredOf = ({ best }: Distribution, free: WholeDistribution): Monitored => ({
  logKept: free.logprob(best.token) - best.logprob,
  instead: best.token === free.best.token ? undefined : free.best.token,
});
