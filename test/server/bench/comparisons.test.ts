import { expect, test } from 'vitest';
import { comparisonCharts } from '../../../server/bench/comparisons';
import { row } from '../../../server/bench/report';

test('rows stand beside their baselines and goals as multiples of them', () => {
  const rows = [
    row('decode', 3, 'ms', { baseline: 2, goal: 1 }),
    row('start', 750, 'ms', { goal: 1500 }),
    row('tokens', 5, 'tokens', { goal: 2.5, goalKind: 'least' }),
    row('load', 1, 's'),
  ];
  const [baseline, goal, ...more] = comparisonCharts({ rows });
  expect(more).toEqual([]);
  expect(baseline).toMatchObject({
    labels: ['decode'],
    series: [
      { name: 'measured', values: [1.5] },
      { name: 'baseline', values: [1] },
    ],
  });
  expect(goal?.labels).toEqual(['decode', 'start', 'tokens (at least)']);
  expect(goal?.series[0]?.values).toEqual([1.5, 0.5, 2]);
});

test('nothing is drawn of rows that have nothing beside them, and of measurements that failed', () => {
  const rows = [row('load', 1, 's'), row('start', Number.NaN, 'ms', { goal: 1500 })];
  expect(comparisonCharts({ rows })).toEqual([]);
});
