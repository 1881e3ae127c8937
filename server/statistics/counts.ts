import { binCount } from './histogram';

/** What is counted for each language. `characters` are UTF-16 units that were accepted instead of typed. */
export const languageKeys = [
  'shown',
  'accepted',
  'partly',
  'characters',
  'kept30s',
  'changed30s',
  'kept5min',
  'changed5min',
] as const;
export type LanguageCounts = Record<(typeof languageKeys)[number], number>;

export const dayKeys = ['shown', 'accepted'] as const;
export type DayCounts = Record<(typeof dayKeys)[number], number>;

/**
 * All that is ever written down: numbers, no text and no names of files. `accepted` counts suggestions that were taken, as a
 * whole or in part, `partly` those of them that were taken in part only. One that is gone before it could be looked at again
 * is neither kept nor changed.
 */
export interface Statistics {
  readonly version: 1;
  /** The day of the first count; absent where nothing has been counted. */
  since?: string;
  /** By language id. */
  readonly languages: Record<string, LanguageCounts>;
  /** By day, as in 2026-01-31. */
  readonly days: Record<string, DayCounts>;
  /** Requests that showed nothing, by reason. */
  readonly empty: Record<string, number>;
  /** By source of the answer: how many took how long, see `histogram.ts`. */
  readonly latency: Record<string, number[]>;
}

export const noStatistics = (): Statistics => ({
  version: 1,
  languages: {},
  days: {},
  empty: {},
  latency: {},
});

/** Charts of days show no more; older ones are only in the sums. */
const mostDays = 60;

const zeros = <Key extends string>(keys: readonly Key[]): Record<Key, number> =>
  Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;

export const noLanguageCounts = (): LanguageCounts => zeros(languageKeys);
export const noDayCounts = (): DayCounts => zeros(dayKeys);
export const noLatencies = (): number[] => new Array<number>(binCount).fill(0);

/** Both together. */
export function added(a: Statistics, b: Statistics): Statistics {
  const since = [a.since, b.since].filter((day) => day !== undefined).sort()[0];
  const days = joined(a.days, b.days, noDayCounts, addRecords(dayKeys));
  return {
    version: 1,
    ...(since !== undefined && { since }),
    languages: joined(a.languages, b.languages, noLanguageCounts, addRecords(languageKeys)),
    days: Object.fromEntries(Object.entries(days).sort().slice(-mostDays)),
    empty: joined(
      a.empty,
      b.empty,
      () => 0,
      (x, y) => x + y,
    ),
    latency: joined(a.latency, b.latency, noLatencies, (x, y) =>
      x.map((count, bin) => count + (y[bin] ?? 0)),
    ),
  };
}

function joined<T>(
  a: Readonly<Record<string, T>>,
  b: Readonly<Record<string, T>>,
  none: () => T,
  add: (x: T, y: T) => T,
): Record<string, T> {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(keys.map((key) => [key, add(own(a, key) ?? none(), own(b, key) ?? none())]));
}

/** Names come from documents and files: one may be that of something that every object has. */
export const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

const addRecords =
  <Key extends string>(keys: readonly Key[]) =>
  (x: Record<Key, number>, y: Record<Key, number>): Record<Key, number> =>
    Object.fromEntries(keys.map((key) => [key, x[key] + y[key]])) as Record<Key, number>;
