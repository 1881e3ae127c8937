import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loopPeriod, wayOut } from '../../../engine/decode/repetition';

const unit = (length: number) => Array.from({ length }, (_, i) => i);
const over = (run: readonly number[], length: number) =>
  Array.from({ length }, (_, i) => run[i % run.length] as number);

describe('a loop of tokens', () => {
  test.each([
    { period: 1, window: 10 },
    { period: 10, window: 30 },
    { period: 20, window: 45 },
    { period: 30, window: 60 },
  ])('of period $period is seen at $window tokens, whatever came before', ({ period, window }) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 100, max: 200 }), { maxLength: 40 }), (before) => {
        // Something that does not itself repeat: each token once.
        const distinct = [...new Set(before)];
        expect(loopPeriod([...distinct, ...over(unit(period), window)])).toBe(period);
        expect(loopPeriod([...distinct, ...over(unit(period), window - 1)])).toBeUndefined();
      }),
    );
  });

  test('is not seen in a list of similar but different lines', () => {
    const lines = Array.from({ length: 20 }, (_, i) => [1, 2, 3, 1000 + i, 4, 5]).flat();
    expect(loopPeriod(lines)).toBeUndefined();
  });

  test('is not seen in nothing', () => {
    expect(loopPeriod([])).toBeUndefined();
  });
});

describe('the way out of a loop', () => {
  const loop = fc.record({
    before: fc.uniqueArray(fc.integer({ min: 100, max: 200 }), { maxLength: 20 }),
    period: fc.integer({ min: 1, max: 30 }),
    dice: fc.infiniteStream(fc.double({ min: -9, max: 0, noNaN: true })),
  });

  test('is in its second round, where the model was least sure', () => {
    fc.assert(
      fc.property(loop, ({ before, period, dice }) => {
        const tokens = [...before, ...over(unit(period), 60)];
        const logprobs = tokens.map(() => Number(dice.next().value));
        const out = wayOut(tokens, logprobs, 0) as number;
        const second = logprobs.slice(before.length + period, before.length + 2 * period);
        expect(out - before.length - period).toBe(second.indexOf(Math.min(...second)));
      }),
    );
  });

  test('is not before the first token that may be another', () => {
    fc.assert(
      fc.property(loop, fc.nat(100), ({ before, period, dice }, first) => {
        const tokens = [...before, ...over(unit(period), 60)];
        const logprobs = tokens.map(() => Number(dice.next().value));
        const out = wayOut(tokens, logprobs, first);
        expect(out === undefined).toBe(first >= tokens.length);
        expect(out ?? first).toBeGreaterThanOrEqual(first);
        expect(out ?? 0).toBeLessThan(tokens.length);
      }),
    );
  });

  test('is nowhere without a loop', () => {
    expect(wayOut(unit(60), unit(60), 0)).toBeUndefined();
  });
});
