import type { Settings } from '../protocol';

export type Eagerness = Settings['eagerness'];

/**
 * The probability that the model must give to all of a completion that is shown unasked; where it falls below this, the
 * completion ends. Of 0.1 to 0.6, `balanced` is the one with which about half of what appears is right as a whole, and `quiet` seven
 * in ten, on forty passages of source that no benchmark measures; the characters that are saved change little below 0.4.
 */
export const leastConfidence: Readonly<Record<Eagerness, number>> = { eager: 0, balanced: 0.3, quiet: 0.6 };

export const eagernesses = Object.keys(leastConfidence) as Eagerness[];

/** Why nothing is shown, in one sentence with what to do. */
export function heldBack(eagerness: Eagerness): string {
  const percent = Math.round(100 * leastConfidence[eagerness]);
  return `The model was not sure enough of the next word (less than ${percent} %, with slipstream.eagerness "${eagerness}"); ask for it with Trigger Completion, or choose "eager".`;
}
