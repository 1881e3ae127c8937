import { significant } from '../bench/report';
import type { BenchChart, StatisticsPage } from '../protocol';
import { type LanguageCounts, languageKeys, noLanguageCounts, type Statistics } from './counts';
import { percentile, sum } from './histogram';

/** More bars than this are no picture any more. */
const mostLanguages = 12;
const mostReasons = 8;
const mostDays = 30;

/** What a view draws; numbers are written here, so that all views write them in the same way. */
export function statisticsPage(statistics: Statistics): StatisticsPage {
  const { languages, since } = statistics;
  const all = total(Object.values(languages));
  const byLanguage = Object.entries(languages).sort(([, a], [, b]) => b.shown - a.shown);
  const shown = byLanguage.slice(0, mostLanguages);
  return {
    summary:
      since === undefined
        ? 'Nothing has been counted yet: it begins with the first completion.'
        : `Since ${since}: ${all.shown.toLocaleString('en-US')} shown, ${all.accepted.toLocaleString('en-US')} accepted (${percent(all.accepted, all.shown)}), ${all.characters.toLocaleString('en-US')} characters not typed.`,
    charts: [
      acceptance(shown),
      survival(shown),
      latency(statistics),
      days(statistics),
      reasons(statistics),
    ].filter(({ labels }) => labels.length > 0),
    tables: [
      { title: 'By language', lines: languageTable(byLanguage, all) },
      { title: 'Time to the answer, by source', lines: latencyTable(statistics) },
    ].filter(({ lines }) => lines.length > 1),
    notes: [
      'All of this is counted and kept on this machine: numbers, no text and no names of files. Nothing is sent anywhere.',
      'Accepted: taken as a whole or in part. Kept: at least half of it is still there (by edit distance) after 30 seconds, and after 5 minutes; what was closed before is in neither.',
    ],
  };
}

type Named = readonly (readonly [name: string, counts: LanguageCounts])[];

const total = (all: readonly LanguageCounts[]): LanguageCounts =>
  all.reduce((sums, counts) => {
    for (const key of languageKeys) sums[key] += counts[key];
    return sums;
  }, noLanguageCounts());

/** NaN where nothing was counted, which a chart leaves out. */
const share = (part: number, whole: number): number => (100 * part) / whole;
const percent = (part: number, whole: number): string =>
  whole === 0 ? '' : `${significant(round(share(part, whole)))} %`;
const round = (value: number): number => Math.round(10 * value) / 10;

function acceptance(languages: Named): BenchChart {
  const values = (key: keyof LanguageCounts) => languages.map(([, counts]) => counts[key]);
  return {
    title: 'Shown and accepted, by language',
    kind: 'bar',
    unit: 'completions',
    axis: '',
    labels: languages.map(([name]) => name),
    series: [
      { name: 'accepted', values: values('accepted') },
      { name: 'shown', values: values('shown') },
    ],
  };
}

function survival(languages: Named): BenchChart {
  const looked = languages.filter(([, counts]) => counts.kept30s + counts.changed30s > 0);
  return {
    title: 'Kept after it was accepted, by language',
    kind: 'bar',
    unit: '% of those looked at',
    axis: '',
    labels: looked.map(([name]) => name),
    series: [
      {
        name: 'after 30 seconds',
        values: looked.map(([, { kept30s, changed30s }]) => share(kept30s, kept30s + changed30s)),
      },
      {
        name: 'after 5 minutes',
        values: looked.map(([, { kept5min, changed5min }]) => share(kept5min, kept5min + changed5min)),
      },
    ],
  };
}

const sourceNames: Readonly<Record<string, string>> = {
  cache: 'from an earlier completion',
  'in-flight': 'from one under way',
  fresh: 'written anew',
};
/** The fastest first. */
const sourceOrder = Object.keys(sourceNames);

const sources = ({ latency }: Statistics) =>
  Object.entries(latency).sort(([a], [b]) => sourceOrder.indexOf(a) - sourceOrder.indexOf(b));

function latency(statistics: Statistics): BenchChart {
  const rows = sources(statistics);
  const values = (part: number) => rows.map(([, counts]) => percentile(counts, part) ?? 0);
  return {
    title: 'Time to the answer, by source',
    kind: 'bar',
    unit: 'ms',
    axis: '',
    labels: rows.map(([name]) => sourceNames[name] ?? name),
    series: [
      { name: 'median', values: values(0.5) },
      { name: '95th percentile', values: values(0.95) },
    ],
  };
}

function days({ days }: Statistics): BenchChart {
  const latest = Object.entries(days).sort().slice(-mostDays);
  return {
    title: 'Day by day',
    kind: 'line',
    unit: 'completions',
    axis: 'day',
    labels: latest.map(([day]) => day),
    series: [
      { name: 'accepted', values: latest.map(([, { accepted }]) => accepted) },
      { name: 'shown', values: latest.map(([, { shown }]) => shown) },
    ],
  };
}

function reasons({ empty }: Statistics): BenchChart {
  const most = Object.entries(empty)
    .sort(([, a], [, b]) => b - a)
    .slice(0, mostReasons);
  return {
    title: 'Why nothing was shown',
    kind: 'bar',
    unit: 'requests',
    axis: '',
    labels: most.map(([reason]) => reason.replaceAll('-', ' ')),
    series: [{ name: 'requests', values: most.map(([, count]) => count) }],
  };
}

function languageTable(languages: Named, all: LanguageCounts): string[][] {
  const cells = (name: string, counts: LanguageCounts) => [
    name,
    String(counts.shown),
    String(counts.accepted),
    percent(counts.accepted, counts.shown),
    String(counts.partly),
    percent(counts.kept30s, counts.kept30s + counts.changed30s),
    percent(counts.kept5min, counts.kept5min + counts.changed5min),
    String(counts.characters),
  ];
  return [
    ['language', 'shown', 'accepted', 'rate', 'in part', 'kept 30 s', 'kept 5 min', 'characters'],
    ...languages.map(([name, counts]) => cells(name, counts)),
    ...(languages.length > 1 ? [cells('all', all)] : []),
  ];
}

function latencyTable(statistics: Statistics): string[][] {
  const ms = (counts: readonly number[], part: number) =>
    `${significant(Math.round(percentile(counts, part) ?? 0))} ms`;
  return [
    ['source', 'answers', 'p50', 'p90', 'p95', 'p99'],
    ...sources(statistics).map(([name, counts]) => [
      sourceNames[name] ?? name,
      String(sum(counts)),
      ...[0.5, 0.9, 0.95, 0.99].map((part) => ms(counts, part)),
    ]),
  ];
}
