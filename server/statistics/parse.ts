import { dayKeys, languageKeys, noLatencies, noStatistics, type Statistics } from './counts';

/**
 * Reads what a file says: counts that are none are left out, so that a file that was damaged loses no more than it must.
 * @returns undefined where it is no file of statistics at all, or one of another version
 */
export function parseStatistics(text: string): Statistics | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(raw) || raw.version !== 1) return undefined;
  return {
    ...noStatistics(),
    ...(typeof raw.since === 'string' && isDay(raw.since) && { since: raw.since }),
    languages: each(raw.languages, (value) => counts(languageKeys, value)),
    days: each(raw.days, (value, key) => (isDay(key) ? counts(dayKeys, value) : undefined)),
    empty: each(raw.empty, (value) => (isCount(value) ? value : undefined)),
    latency: each(raw.latency, latencies),
  };
}

function each<T>(raw: unknown, read: (value: unknown, key: string) => T | undefined): Record<string, T> {
  if (!isRecord(raw)) return {};
  return Object.fromEntries(
    Object.entries(raw).flatMap(([key, value]) => {
      const found = read(value, key);
      return found === undefined ? [] : [[key, found] as const];
    }),
  );
}

function counts<Key extends string>(keys: readonly Key[], raw: unknown): Record<Key, number> | undefined {
  if (!isRecord(raw)) return undefined;
  const entries = keys.map((key) => [key, isCount(raw[key]) ? raw[key] : 0]);
  return Object.fromEntries(entries) as Record<Key, number>;
}

function latencies(raw: unknown): number[] | undefined {
  return Array.isArray(raw) ? noLatencies().map((_, bin) => (isCount(raw[bin]) ? raw[bin] : 0)) : undefined;
}

const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text);

const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
