import { describe, expect, it } from 'vitest';
import { interleave, median, quantile } from '../../../server/bench/measure';
import { selectSuites, suiteNames } from '../../../server/bench/names';
import { formatReport, machine, row } from '../../../server/bench/report';

describe('a row of a report', () => {
  it('holds the goal against the ratio where there is a baseline', () => {
    expect(row('decode', 3, 'ms', { baseline: 2, goal: 1 })).toMatchObject({ ratio: 1.5, met: false });
    expect(row('decode', 2, 'ms', { baseline: 2, goal: 1 })).toMatchObject({ ratio: 1, met: true });
  });

  it('holds the goal against the value where there is none', () => {
    expect(row('start', 1600, 'ms', { goal: 1500 })).toMatchObject({ met: false });
    expect(row('start', 1400, 'ms', { goal: 1500 })).toMatchObject({ met: true });
  });

  it('has no verdict without a goal', () => {
    expect(row('load', 5, 'ms', { baseline: undefined, goal: undefined })).toEqual({
      name: 'load',
      value: 5,
      unit: 'ms',
    });
  });

  it('does not pass for a measurement that failed', () => {
    expect(row('start', Number.NaN, 'ms', { goal: 1500 }).met).toBe(false);
  });
});

it('the table names every row, its verdict and the notes', () => {
  const rows = [row('decode', 3, 'ms', { baseline: 2, goal: 1 }), row('load', 0.1234567, 's')];
  const table = formatReport({ suite: 'decode', machine: machine(), rows, notes: ['quiet machine'] });
  expect(table).toMatch(/decode +3 ms +2 ms +1\.5x +<= 1x +MISSED/);
  expect(table).toMatch(/load +0\.1235 s/);
  expect(table).toContain('- quiet machine');
});

describe('measuring', () => {
  it('quantiles interpolate between samples', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(quantile([0, 10], 0.95)).toBeCloseTo(9.5);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('contenders take turns, and the first turn of each does not count', async () => {
    const turns: string[] = [];
    const contender = (name: string) => async () => {
      turns.push(name);
      return [turns.length];
    };
    const medians = await interleave(
      new Map([
        ['ours', contender('ours')],
        ['theirs', contender('theirs')],
      ]),
      2,
    );
    expect(turns).toEqual(['ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs']);
    expect(medians.get('ours')).toBe(4);
    expect(medians.get('theirs')).toBe(5);
  });
});

describe('the choice of suites', () => {
  it('all runs every suite, and no suite runs twice', () => {
    expect(selectSuites(['all'])).toEqual([...suiteNames]);
    expect(selectSuites(['quality', 'decode', 'quality'])).toEqual(['decode', 'quality']);
  });
});

it('a goal can be the least that a value may be', () => {
  expect(row('tokens', 3, 'tokens', { goal: 2.5, goalKind: 'least' }).met).toBe(true);
  const missed = row('tokens', 2, 'tokens', { goal: 2.5, goalKind: 'least' });
  expect(missed.met).toBe(false);
  expect(formatReport({ suite: 'copy', machine: machine(), rows: [missed], notes: [] })).toContain(
    '>= 2.5 tokens',
  );
});
