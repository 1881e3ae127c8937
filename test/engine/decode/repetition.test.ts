import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { repeats } from '../../../engine/decode/repetition';

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
        expect(repeats([...distinct, ...over(unit(period), window)])).toBe(true);
        expect(repeats([...distinct, ...over(unit(period), window - 1)])).toBe(false);
      }),
    );
  });

  test('is not seen in a list of similar but different lines', () => {
    const lines = Array.from({ length: 20 }, (_, i) => [1, 2, 3, 1000 + i, 4, 5]).flat();
    expect(repeats(lines)).toBe(false);
  });

  test('is not seen in nothing', () => {
    expect(repeats([])).toBe(false);
  });
});
