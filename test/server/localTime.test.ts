import { expect, it } from 'vitest';
import { localDay, localTime } from '../../server/localTime';

it("is the user's day and time, wherever that is", () => {
  const evening = new Date(2026, 0, 2, 23, 4, 5, 67);
  expect([localDay(evening), localTime(evening)]).toEqual(['2026-01-02', '23:04:05.067']);
});
