import path from 'node:path';
import { expect, test } from 'vitest';
import { runAdaptive } from '../../../server/bench/adaptive';
import { bootstrap } from '../../../server/bench/adaptive/bootstrap';
import { runSoak } from '../../../server/bench/soak';
import type { BenchOptions } from '../../../server/bench/suite';
import { temporaryFolder } from '../../support/folder';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = temporaryFolder();
const told: string[] = [];
const options = (): BenchOptions => ({
  root,
  cacheDirectory: folder('cache'),
  progress: (line) => told.push(line),
});

test('a short soak: answers after a refresh are those of a fresh server, and memory is read', async () => {
  const plan = { edits: 60, samples: 6, readings: 12, longest: 700, seed: 1 };
  const { rows, charts } = await runSoak(options(), plan);
  const [different] = rows;
  expect(different).toMatchObject({ value: 0, unit: 'of 6', met: true });
  expect(charts?.[0]?.series[0]?.values).toHaveLength(12);
  for (const value of charts?.[0]?.series[0]?.values ?? []) expect(value).toBeGreaterThan(20);
  expect(told).toContain('edit 60 of 60');
}, 120_000);

test('the adaptive suite in small: every way has its figures, and the chart its points', async () => {
  const { rows, charts, notes } = await runAdaptive(options(), { lines: 8, words: 4, seed: 3 });
  for (const { name, value } of rows) expect(value, name).not.toBeNaN();
  for (const name of ['adaptive', 'greedy', 'published parameters', 'beam search', 'infill rule'])
    expect(rows.map((row) => row.name)).toContain(`exact match, ${name}`);
  const [right, saved, shown] = charts?.[0]?.series.map(({ values }) => values) ?? [];
  for (const share of saved ?? [-1]) expect(Math.abs(share - 50)).toBeLessThanOrEqual(50);
  expect(shown?.[0]).toBeGreaterThanOrEqual(shown?.at(-1) ?? 0);
  expect(right).toHaveLength(charts?.[0]?.labels.length ?? 0);
  expect(notes.join(' ')).toContain('8 lines');
}, 120_000);

test('an interval holds the mean, and that of equal differences is a point', () => {
  const { mean, low, high } = bootstrap([1, 0, 0, 1, 0, -1, 1, 0, 0, 0]);
  expect(mean).toBeCloseTo(0.2);
  expect(low).toBeLessThan(mean);
  expect(high).toBeGreaterThan(mean);
  expect(bootstrap([0.5, 0.5, 0.5])).toEqual({ mean: 0.5, low: 0.5, high: 0.5 });
});
