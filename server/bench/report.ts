import { cpus, totalmem } from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
}

export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the value is compared with, in the same unit, measured in the same run. */
  readonly baseline?: number;
  /** value / baseline */
  readonly ratio?: number;
  /** The most that the ratio may be; of rows without a baseline, the value. */
  readonly goal?: number;
  /** `least`: the goal is the least that it may be. */
  readonly goalKind?: 'least';
  readonly met?: boolean;
}

/** Series over the same labels: bars side by side (contenders, bins of a distribution), or lines over a scale. */
export interface BenchChart {
  readonly title: string;
  readonly kind: 'bar' | 'line';
  /** What the values are, e.g. "ms". */
  readonly unit: string;
  /** What the labels are, e.g. "tokens of context"; empty where they speak for themselves. */
  readonly axis: string;
  readonly labels: readonly string[];
  /** The first series is ours, the others are what it is compared with. */
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[];
}

export interface BenchReport {
  readonly suite: string;
  readonly machine: Machine;
  readonly rows: readonly BenchRow[];
  readonly notes: readonly string[];
  /** What is better seen than read; absent where a table says it all. */
  readonly charts?: readonly BenchChart[];
  /** One sentence: why the suite could not measure. Such a report has no rows. */
  readonly failure?: string;
}

export function machine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
}

export interface RowOptions {
  readonly baseline?: number | undefined;
  readonly goal?: number | undefined;
  readonly goalKind?: BenchRow['goalKind'];
}

/** A row with its ratio and verdict worked out. */
export function row(
  name: string,
  value: number,
  unit: string,
  { baseline, goal, goalKind }: RowOptions = {},
): BenchRow {
  const ratio = baseline === undefined ? undefined : value / baseline;
  // A goal for a ratio says nothing where there is nothing to compare with.
  return {
    name,
    value,
    unit,
    ...(baseline === undefined ? {} : { baseline }),
    ...(ratio === undefined ? {} : { ratio }),
    ...(goal === undefined ? {} : { goal, met: isMet(ratio ?? value, goal, goalKind) }),
    ...(goal === undefined || goalKind === undefined ? {} : { goalKind }),
  };
}

const isMet = (value: number, goal: number, kind: BenchRow['goalKind']) =>
  kind === 'least' ? value >= goal : value <= goal;

const titles = ['measured', 'value', 'baseline', 'ratio', 'goal', 'verdict'] as const;

/** The rows as texts, each with as many cells as the first line has titles. */
export function tableOf({ rows }: Pick<BenchReport, 'rows'>): string[][] {
  return [[...titles], ...rows.map(cellsOf)];
}

function cellsOf({ name, value, unit, baseline, ratio, goal, goalKind, met }: BenchRow): string[] {
  const bound = goalKind === 'least' ? '>=' : '<=';
  return [
    name,
    `${significant(value)} ${unit}`,
    baseline === undefined ? '' : `${significant(baseline)} ${unit}`,
    ratio === undefined ? '' : `${significant(ratio)}x`,
    goal === undefined ? '' : `${bound} ${significant(goal)}${ratio === undefined ? ` ${unit}` : 'x'}`,
    met === undefined ? '' : met ? 'met' : 'MISSED',
  ];
}

/** What the figures were measured on, in one line. */
export function machineLine({ cpu, cores, memoryGiB, platform, node }: Machine): string {
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}, Node ${node}`;
}

/** The report as a table for a terminal. */
export function formatReport(report: BenchReport): string {
  const { suite, notes, failure } = report;
  const heading = `${suite}: ${machineLine(report.machine)}`;
  if (failure !== undefined) return `${heading}\nnot measured: ${failure}`;
  const table = tableOf(report);
  const widths = titles.map((_, c) => Math.max(...table.map((line) => line[c]?.length ?? 0)));
  const line = (parts: readonly string[]) =>
    parts
      .map((part, c) => (c === 0 ? part.padEnd(widths[c] ?? 0) : part.padStart(widths[c] ?? 0)))
      .join('  ')
      .trimEnd();
  return [heading, ...table.map(line), ...notes.map((note) => `- ${note}`)].join('\n');
}

/** Four digits are more than any of these measurements is good for. */
export function significant(value: number): string {
  if (value === 0 || Math.abs(value) >= 1000) return value.toFixed(0);
  return String(Number(value.toPrecision(4)));
}
