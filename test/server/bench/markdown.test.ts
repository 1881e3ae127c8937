import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markdownOf } from '../../../server/bench/markdown';
import { type BenchReport, machine, row } from '../../../server/bench/report';

const report: BenchReport = {
  suite: 'copy',
  machine: machine(),
  rows: [row('decode', 3, 'ms', { baseline: 2, goal: 1 }), row('load', 0.1234567, 's')],
  notes: ['quiet machine'],
  charts: [
    {
      title: 'Time',
      kind: 'line',
      unit: 'ms',
      axis: 'tokens of context',
      labels: ['512', '1024'],
      series: [
        { name: 'pie', values: [1, 2] },
        { name: 'recompute', values: [10, Number.NaN] },
      ],
    },
  ],
};

test('a report becomes headings, tables and a list', () => {
  const lines = markdownOf([report]).split('\n');
  expect(lines).toContain('# Slipstream benchmark');
  expect(lines).toContain('## copy');
  expect(lines).toContain('| decode | 3 ms | 2 ms | 1.5x | \\<= 1x | MISSED |');
  expect(lines).toContain('| load | 0.1235 s |  |  |  |  |');
  expect(lines).toContain('- quiet machine');
  expect(lines).toContain('### Time (ms)');
  expect(lines).toContain('| tokens of context | pie | recompute |');
  expect(lines).toContain('| 512 | 1 | 10 |');
  expect(lines).toContain('| 1024 | 2 |  |');
});

test('a suite that failed says why, and the others stand beside it', () => {
  const failed: BenchReport = {
    suite: 'decode',
    machine: machine(),
    rows: [],
    notes: [],
    failure: 'No model.',
  };
  const text = markdownOf([failed, report]);
  expect(text).toContain('## decode\n\nNot measured: No model.');
  expect(text).toContain('## copy');
});

test('whatever a row is called, it stays one line of as many cells as the table has', () => {
  fc.assert(
    fc.property(fc.string(), (name) => {
      const [, ...lines] = markdownOf([{ ...report, rows: [row(name, 1, 'ms')], charts: [] }])
        .split('\n')
        .filter((line) => line.startsWith('| '));
      expect(lines).toHaveLength(2);
      for (const line of lines) expect(line.replace(/\\[\s\S]/g, '').match(/\|/g)).toHaveLength(7);
    }),
  );
});
