import { isLegalText, type Legal } from '../../../engine/index';
import { type BenchRow, row } from '../report';
import type { HeldPlace } from './places';

/** A place in code that compiles at which something is restricted. */
export interface Restricted {
  readonly kind: string;
  readonly place: HeldPlace;
  /** What stands there is forbidden. */
  readonly isForbidden: boolean;
}

/** Enough of a text to tell whether it is legal. */
const reach = 400;

export function restricted(kind: string, place: HeldPlace, legal: readonly Legal[]): Restricted {
  const text = (place.rest + place.after).slice(0, reach);
  return { kind, place, isForbidden: !legal.every((one) => isLegalText(one, text)) };
}

/**
 * In code that compiles: is what stands there ever forbidden?
 * @param least places that there must be, for the figure to say anything
 */
export function falseMaskRows(
  all: readonly Restricted[],
  least: number,
): { rows: BenchRow[]; notes: string[] } {
  const kinds = [...new Set(all.map(({ kind }) => kind))];
  const wrong = all.filter(({ isForbidden }) => isForbidden);
  return {
    rows: [
      ...kinds.map((kind) =>
        row(
          `right text that is forbidden, ${kind}`,
          wrong.filter((one) => one.kind === kind).length,
          `of ${all.filter((one) => one.kind === kind).length}`,
          { goal: 0 },
        ),
      ),
      row(`places with a restriction in code that compiles`, all.length, 'places', {
        goal: least,
        goalKind: 'least',
      }),
    ],
    notes: wrong
      .slice(0, 20)
      .map(
        ({ kind, place: { fileName, before, rest } }) =>
          `Forbidden though right (${kind}): ${fileName} "${before.slice(-40)}|${rest.slice(0, 40)}"`,
      ),
  };
}
