import type { TokenTrace } from '../../engine/index';

/** What a reader wants to see of a token at a glance: the trace has a word, and its grammar a colour, for each. */
export const tokenClasses = ['constrained', 'uncertain', 'copied', 'certain', 'likely'] as const;
export type TokenClass = (typeof tokenClasses)[number];

/** From this probability on hardly anything else could have stood there. */
const certainFrom = 0.9;
/** Where no threshold is known, a token that was less likely than not counts as uncertain. */
const likelyFrom = 0.5;

/**
 * One class of several that may hold, the rarest first: where a monitor had a say, where the model was unsure, what was
 * copied, and else how likely it was.
 * @param threshold entropy in nats from which on the model counts as unsure
 */
export function classOf(
  { logprob, entropy, source, constrained }: Omit<TokenTrace, 'text'>,
  threshold: number | undefined,
): TokenClass {
  const probability = Math.exp(logprob);
  if (constrained) return 'constrained';
  if (threshold === undefined ? probability < likelyFrom : entropy >= threshold) return 'uncertain';
  if (source === 'copy') return 'copied';
  return probability >= certainFrom ? 'certain' : 'likely';
}
