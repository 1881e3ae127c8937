import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCounter } from '../../../server/statistics/counter';
import {
  added,
  dayKeys,
  languageKeys,
  noStatistics,
  type Statistics,
} from '../../../server/statistics/counts';
import { binCount, binOf, percentile } from '../../../server/statistics/histogram';
import { statisticsPage } from '../../../server/statistics/page';
import { parseStatistics } from '../../../server/statistics/parse';

const name = fc.constantFrom('typescript', 'python', '__proto__', 'constructor', 'c++');
const countsOf = <Key extends string>(keys: readonly Key[]) =>
  fc
    .array(fc.nat(1000), { minLength: keys.length, maxLength: keys.length })
    .map((values) => Object.fromEntries(keys.map((key, i) => [key, values[i] ?? 0])) as Record<Key, number>);
const recordOf = <T>(key: fc.Arbitrary<string>, value: fc.Arbitrary<T>) =>
  fc.array(fc.tuple(key, value), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));
const day = fc.nat(80).map((n) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10));
const statistics: fc.Arbitrary<Statistics> = fc.record({
  version: fc.constant(1 as const),
  since: day,
  languages: recordOf(name, countsOf(languageKeys)),
  days: recordOf(day, countsOf(dayKeys)),
  empty: recordOf(name, fc.nat(100)),
  latency: recordOf(
    fc.constantFrom('cache', 'fresh'),
    fc.array(fc.nat(50), { minLength: binCount, maxLength: binCount }),
  ),
});

describe('statistics', () => {
  test('of several windows are the same sums in whatever order they are added', () => {
    fc.assert(
      fc.property(statistics, statistics, statistics, (a, b, c) => {
        expect(added(added(a, b), c)).toEqual(added(c, added(b, a)));
        expect(added(a, noStatistics())).toEqual(a);
      }),
    );
  });

  test('are what they were when they come from the file', () => {
    fc.assert(
      fc.property(statistics, (all) => {
        expect(parseStatistics(JSON.stringify(all))).toEqual(all);
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['half of it', '{"version":1,"langu'],
    ['something else', '[]'],
    ['another version', '{"version":2,"languages":{}}'],
  ])('%s in the file is no statistics', (_, text) => {
    expect(parseStatistics(text)).toBeUndefined();
  });

  test('what is no count in the file counts nothing, and the rest stays', () => {
    const text = JSON.stringify({
      version: 1,
      since: 'yesterday',
      languages: { a: { shown: 3, accepted: -1, partly: 1.5, kept30s: '4' }, b: null },
      days: { '2026-01-02': { shown: 1 }, never: { shown: 5 } },
      empty: { deadline: 2, quiet: 'often' },
      latency: { fresh: [1, 'x'], cache: 3 },
    });
    const read = parseStatistics(text);
    expect(read?.since).toBeUndefined();
    expect(read?.languages).toEqual({
      a: { ...Object.fromEntries(languageKeys.map((key) => [key, 0])), shown: 3 },
    });
    expect(read?.days).toEqual({ '2026-01-02': { shown: 1, accepted: 0 } });
    expect(read?.empty).toEqual({ deadline: 2 });
    expect(read?.latency.fresh?.slice(0, 3)).toEqual([1, 0, 0]);
  });

  test('a language may have any name', () => {
    const counter = createCounter(() => '2026-01-01');
    for (const id of ['__proto__', 'constructor', 'toString']) counter.shown(id);
    const text = JSON.stringify(counter.take());
    for (const id of ['__proto__', 'constructor', 'toString'])
      expect(
        Object.entries(parseStatistics(text)?.languages ?? {}).find(([key]) => key === id)?.[1].shown,
      ).toBe(1);
    expect(counter.take()).toBeUndefined();
  });

  test('days that are long past are in the sums only', () => {
    const days = Object.fromEntries(
      Array.from({ length: 90 }, (_, n) => [
        new Date(Date.UTC(2026, 0, 1 + n)).toISOString().slice(0, 10),
        { shown: 1, accepted: 0 },
      ]),
    );
    const kept = Object.keys(added({ ...noStatistics(), days }, noStatistics()).days);
    expect(kept).toHaveLength(60);
    expect(kept.at(-1)).toBe('2026-03-31');
  });
});

describe('percentiles', () => {
  test('are right to a bin, a quarter of a doubling', () => {
    const samples = fc.array(fc.double({ min: 1.01, max: 50_000, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    });
    fc.assert(
      fc.property(samples, fc.double({ min: 0.01, max: 1, noNaN: true }), (times, share) => {
        const counts = new Array<number>(binCount).fill(0);
        for (const time of times) counts[binOf(time)] = (counts[binOf(time)] ?? 0) + 1;
        const sorted = [...times].sort((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(share * times.length - 1e-9) - 1)] ?? 0;
        const estimate = percentile(counts, share) ?? Number.NaN;
        expect(estimate).toBeGreaterThan(exact / 2 ** 0.26);
        expect(estimate).toBeLessThan(Math.max(1, exact) * 2 ** 0.26);
      }),
    );
  });

  test('of nothing there are none, and no time is out of range', () => {
    expect(percentile([], 0.5)).toBeUndefined();
    for (const time of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e12]) {
      expect(binOf(time)).toBeGreaterThanOrEqual(0);
      expect(binOf(time)).toBeLessThan(binCount);
    }
  });
});

describe('the page', () => {
  test('of nothing says so, and has neither charts nor tables', () => {
    const page = statisticsPage(noStatistics());
    expect(page.summary).toContain('Nothing has been counted yet');
    expect(page.charts).toEqual([]);
    expect(page.tables).toEqual([]);
    expect(page.notes.join(' ')).toContain('Nothing is sent anywhere');
  });

  test('has a gap where nothing has been looked at yet', () => {
    const zeros = Object.fromEntries(languageKeys.map((key) => [key, 0])) as Statistics['languages'][string];
    const python = { ...zeros, shown: 1, accepted: 1, kept30s: 1 };
    const { charts } = statisticsPage({ ...noStatistics(), languages: { python } });
    const kept = charts.find(({ title }) => title.startsWith('Kept'));
    expect(kept?.series.map(({ values }) => values)).toEqual([[100], [Number.NaN]]);
  });

  test('has rates by language, percentiles by source and the reasons', () => {
    const zeros = Object.fromEntries(languageKeys.map((key) => [key, 0])) as Statistics['languages'][string];
    const latency = (ms: number) => {
      const counts = new Array<number>(binCount).fill(0);
      counts[binOf(ms)] = 10;
      return counts;
    };
    const page = statisticsPage({
      version: 1,
      since: '2026-01-01',
      languages: {
        python: { ...zeros, shown: 8, accepted: 2 },
        typescript: {
          ...zeros,
          shown: 100,
          accepted: 33,
          partly: 3,
          kept30s: 15,
          changed30s: 5,
          kept5min: 1,
          changed5min: 3,
          characters: 1234,
        },
      },
      days: { '2026-01-01': { shown: 108, accepted: 35 } },
      empty: { 'low-confidence': 4, deadline: 9 },
      latency: { fresh: latency(90), cache: latency(1) },
    });
    expect(page.summary).toBe(
      'Since 2026-01-01: 108 shown, 35 accepted (32.4 %), 1,234 characters not typed.',
    );
    const [languages, sources] = page.tables;
    expect(languages?.lines).toEqual([
      ['language', 'shown', 'accepted', 'rate', 'in part', 'kept 30 s', 'kept 5 min', 'characters'],
      ['typescript', '100', '33', '33 %', '3', '75 %', '25 %', '1234'],
      ['python', '8', '2', '25 %', '0', '', '', '0'],
      ['all', '108', '35', '32.4 %', '3', '75 %', '25 %', '1234'],
    ]);
    expect(sources?.lines.map(([source, answers]) => [source, answers])).toEqual([
      ['source', 'answers'],
      ['from an earlier completion', '10'],
      ['written anew', '10'],
    ]);
    expect(page.charts.map(({ title }) => title)).toEqual([
      'Shown and accepted, by language',
      'Kept after it was accepted, by language',
      'Time to the answer, by source',
      'Day by day',
      'Why nothing was shown',
    ]);
    expect(page.charts.at(-1)?.labels).toEqual(['deadline', 'low confidence']);
    for (const { labels, series } of page.charts)
      for (const { values } of series) expect(values).toHaveLength(labels.length);
  });
});
