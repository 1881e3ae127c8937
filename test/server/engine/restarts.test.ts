import { expect, it } from 'vitest';
import { restartBudget } from '../../../server/engine/restarts';

it('restarts three times within a minute, and again when the minute is over', () => {
  const budget = restartBudget();
  expect([0, 1000, 2000, 3000].map((time) => budget.allows(time))).toEqual([true, true, true, false]);
  expect(budget.allows(70_000)).toBe(true);
});
