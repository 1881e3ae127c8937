import { expect, it } from 'vitest';
import { createPace } from '../../../../server/completion/typed/pace';

/** The wait before the engine is asked, for somebody who types a key each `gapMs` and an engine that takes `answerMs`. */
function wait(gapMs: number, answerMs: number | undefined): number {
  const pace = createPace();
  for (let key = 0; key < 20; key++) pace.typed(key * gapMs);
  for (let i = 0; answerMs !== undefined && i < 10; i++) pace.generated(answerMs);
  return pace.waitMs();
}

it('asks at once where the answer is there well before the next key', () => {
  expect(wait(200, 40)).toBe(0);
  expect(wait(100, 50)).toBe(0);
  expect(wait(200, undefined)).toBe(0);
});

it('waits for a pause where it is not', () => {
  expect(wait(100, 300)).toBe(120);
  expect(wait(200, 300)).toBe(240);
});

it('takes nobody for slower or faster than people are', () => {
  expect(wait(1500, 3000)).toBe(480);
  expect(wait(1, 3000)).toBe(72);
  // After a long pause nothing is known of how fast somebody types.
  expect(wait(60_000, 3000)).toBe(240);
});

it('knows how long an answer usually takes', () => {
  const pace = createPace();
  expect(pace.answerMs()).toBeUndefined();
  for (const ms of [100, 900, 120]) pace.generated(ms);
  expect(pace.answerMs()).toBe(120);
});

it('takes one slow answer for nothing, and tries now and then whether slow ones have become fast', () => {
  const pace = createPace();
  for (let key = 0; key < 20; key++) pace.typed(key * 150);
  for (const ms of [30, 1000, 30]) pace.generated(ms);
  expect(pace.waitMs()).toBe(0);
  for (let i = 0; i < 5; i++) pace.generated(1000);
  const waits = Array.from({ length: 20 }, () => pace.waitMs());
  expect(waits.filter((ms) => ms === 0)).toHaveLength(2);
  for (let i = 0; i < 5; i++) pace.generated(30);
  expect(pace.waitMs()).toBe(0);
});
