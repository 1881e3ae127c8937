import { median, quantile } from '../measure';
import { type BenchChart, type BenchRow, row } from '../report';
import { mean, share } from '../statistics';
import type { Answered, EqualWayName, WayName } from './answers';
import type { Verdict } from './judge';

export type Judged = Readonly<Record<'with monitors' | 'without monitors', readonly Verdict[]>>;

/** Published gains: compilation rate 16 % relative, next identifier 4 points. */
const goals = { compiles: 1.16, nextIdentifier: 4 } as const;

export function qualityRows(judged: Judged): BenchRow[] {
  const both = (measure: (verdicts: readonly Verdict[]) => number) =>
    [measure(judged['with monitors']), measure(judged['without monitors'])] as const;
  const [compiles, compiled] = both((verdicts) => 100 * share(verdicts, (verdict) => verdict.compiles));
  const [next, nextBefore] = both((verdicts) => 100 * share(verdicts, (verdict) => verdict.nextIdentifier));
  const [identifiers, identifiersBefore] = both(
    (verdicts) => 100 * mean(verdicts.map((verdict) => verdict.identifiers)),
  );
  const [tokens, tokensBefore] = both((verdicts) => 100 * mean(verdicts.map((verdict) => verdict.tokens)));
  const [wrong, wrongBefore] = both((verdicts) => verdicts.filter((verdict) => verdict.isNoMember).length);
  return [
    row('lines that compile', compiles, '%', { baseline: compiled, goal: goals.compiles, goalKind: 'least' }),
    row('next identifier match', next, '%', { baseline: nextBefore }),
    row('next identifier match, gain', next - nextBefore, 'points', {
      goal: goals.nextIdentifier,
      goalKind: 'least',
    }),
    row('identifier sequence match', identifiers, '%', { baseline: identifiersBefore }),
    row('prefix match', tokens, '%', { baseline: tokensBefore }),
    row('members that do not exist, with monitors', wrong, 'of all', { goal: 0 }),
    row('members that do not exist, without', wrongBefore, 'of all'),
  ];
}

export function timeRows(
  answers: Readonly<Record<WayName, readonly Answered[]>>,
  same: Readonly<Record<EqualWayName, readonly Answered[]>>,
): BenchRow[] {
  const times = (answered: readonly Answered[]) =>
    answered.map(({ result }) => result.completion?.timings.decodeMs ?? 0);
  const decode = (name: WayName) => times(answers[name]);
  const plain = decode('without monitors');
  const overheads = decode('with monitors').map((ms, i) => ms / (plain[i] ?? 1));
  const rollbacks = answers['with monitors'].map(({ result }) => result.completion?.rollbacks ?? 0);
  return [
    row('time of decoding, p50, optimistic against none', median(decode('with monitors')), 'ms', {
      baseline: median(plain),
      goal: 1.1,
    }),
    row('time of decoding, p50, waiting against optimistic', median(times(same.waiting)), 'ms', {
      baseline: median(times(same.optimistic)),
    }),
    row('time of decoding at the same place, p50 of the ratios', median(overheads), 'times'),
    ...questionRows(answers['with monitors']),
    row('rollbacks of a completion, mean', mean(rollbacks), 'rollbacks'),
  ];
}

export function questionRows(answers: readonly Answered[]): BenchRow[] {
  const times = answers.flatMap(({ result }) => (result.completion?.monitored ?? []).map(({ ms }) => ms));
  return [
    row('time of a question, p50', median(times), 'ms'),
    row('time of a question, p95', quantile(times, 0.95), 'ms', { goal: 120 }),
    row('questions of a completion, mean', times.length / answers.length, 'questions'),
  ];
}

const limits = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0001, 0];

/** How right completions are that the restrictions have forced: below which share are they not worth being shown? */
export function keptChart(answers: readonly Answered[], verdicts: readonly Verdict[]): BenchChart {
  const within = (high: number, low: number) =>
    verdicts.filter((_, i) => {
      const kept = answers[i]?.result.completion?.kept ?? 1;
      return kept <= high && kept > low;
    });
  const bins = limits.slice(1).map((low, i) => within(limits[i] as number, low));
  return {
    title: 'Right next identifiers, by the share of the probability that the restrictions left',
    kind: 'bar',
    unit: '%',
    axis: 'share that was left, at least',
    labels: limits.slice(1).map((limit, i) => `${limit} (${bins[i]?.length})`),
    series: [
      {
        name: 'next identifier right',
        values: bins.map((bin) =>
          bin.length === 0 ? 0 : 100 * share(bin, (verdict) => verdict.nextIdentifier),
        ),
      },
      {
        name: 'compiles',
        values: bins.map((bin) => (bin.length === 0 ? 0 : 100 * share(bin, (verdict) => verdict.compiles))),
      },
    ],
  };
}
