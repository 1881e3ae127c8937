import { expect, test } from 'vitest';
import { createRestartBudget } from '../../client/restartBudget';

test('a server that dies again and again is started a bounded number of times', () => {
  const budget = createRestartBudget(3, 1000, () => 0);
  expect([budget.take(), budget.take(), budget.take(), budget.take()]).toEqual([true, true, true, false]);
});

test('restarts that lie far enough back do not count', () => {
  let now = 0;
  const budget = createRestartBudget(1, 1000, () => now);
  expect(budget.take()).toBe(true);
  now = 999;
  expect(budget.take()).toBe(false);
  now = 1000;
  expect(budget.take()).toBe(true);
});

test('after a restart by hand all restarts are to be had again', () => {
  const budget = createRestartBudget(1, 1000, () => 0);
  budget.take();
  budget.reset();
  expect(budget.take()).toBe(true);
});
