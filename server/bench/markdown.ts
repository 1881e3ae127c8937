import { type BenchChart, type BenchReport, machineLine, significant, tableOf } from './report';

/** Reports as one Markdown document; what is drawn elsewhere is a table of its values here. */
export function markdownOf(reports: readonly BenchReport[]): string {
  const machines = [...new Set(reports.map(({ machine }) => machineLine(machine)))];
  return `${['# Slipstream benchmark', ...machines.map(escaped), ...reports.flatMap(section)].join('\n\n')}\n`;
}

function section(report: BenchReport): string[] {
  const { suite, failure, notes, charts = [] } = report;
  const heading = `## ${escaped(suite)}`;
  if (failure !== undefined) return [heading, `Not measured: ${escaped(failure)}`];
  return [
    heading,
    table(tableOf(report)),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${escaped(note)}`).join('\n')]),
    ...charts.flatMap((chart) => [
      `### ${escaped(chart.title)} (${escaped(chart.unit)})`,
      table(valuesOf(chart)),
    ]),
  ];
}

function valuesOf({ axis, labels, series }: BenchChart): string[][] {
  const lines = labels.map((label, i) => [
    label,
    ...series.map(({ values }) => {
      const value = values[i];
      return typeof value === 'number' && Number.isFinite(value) ? significant(value) : '';
    }),
  ]);
  return [[axis, ...series.map(({ name }) => name)], ...lines];
}

/** The first line has the titles; all columns but the first are numbers. */
function table([titles = [], ...lines]: readonly string[][]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`;
  const rule = titles.map((_, c) => (c === 0 ? '---' : '--:'));
  return [line(titles), `| ${rule.join(' | ')} |`, ...lines.map(line)].join('\n');
}

/** Text as text: no line break ends a cell, and nothing in it is taken for Markdown or HTML. */
function escaped(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').replace(/[\\`*_[\]<>|#]/g, '\\$&');
}
