import type { BenchChart, BenchReport, BenchRow } from './report';

/**
 * A report's rows as charts: each beside its baseline, and each beside its goal. Rows have different units and sizes, so
 * they are drawn as multiples of what they are compared with.
 */
export function comparisonCharts({ rows }: Pick<BenchReport, 'rows'>): BenchChart[] {
  return [
    chart('Beside the baseline', 'baseline', rows, ({ ratio }) => ratio),
    chart('Beside the goal', 'goal', rows, ({ value, ratio, goal }) =>
      goal === undefined || goal === 0 ? undefined : (ratio ?? value) / goal,
    ),
  ].flatMap((each) => each ?? []);
}

function chart(
  title: string,
  reference: string,
  rows: readonly BenchRow[],
  multiple: (row: BenchRow) => number | undefined,
): BenchChart | undefined {
  const bars = rows.flatMap((row) => {
    const value = multiple(row);
    return value === undefined || !Number.isFinite(value) ? [] : [{ label: labelOf(row, reference), value }];
  });
  if (bars.length === 0) return undefined;
  return {
    title,
    kind: 'bar',
    unit: `x ${reference}`,
    axis: '',
    labels: bars.map(({ label }) => label),
    series: [
      { name: 'measured', values: bars.map(({ value }) => value) },
      { name: reference, values: bars.map(() => 1) },
    ],
  };
}

/** Of most figures less is better; the others say so. */
const labelOf = ({ name, goalKind }: BenchRow, reference: string) =>
  reference === 'goal' && goalKind === 'least' ? `${name} (at least)` : name;
