import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { learnThreshold, type ScoredToken, shuffling } from '../../../../engine/decode/uncertainty/threshold';
import { randomIntegers } from '../../../../server/cli/eval/random';
import { numpyPermutation } from '../../../support/numpyRandom';

const shuffled = shuffling(randomIntegers(1));

/** Tokens whose first choice is right with a probability that falls with the entropy. */
function tokens(count: number, weight: number, bias: number): ScoredToken[] {
  const random = randomIntegers(3);
  return Array.from({ length: count }, () => {
    const entropy = (4 * random(10_000)) / 10_000;
    const p = 1 / (1 + Math.exp(-(weight * entropy + bias)));
    return { entropy, isBest: random(10_000) / 10_000 < p };
  });
}

test('the threshold lies where the first choice is as often wrong as right', () => {
  const learned = learnThreshold(tokens(40_000, -2, 3), shuffled);
  expect(learned?.threshold).toBeGreaterThan(1.4);
  expect(learned?.threshold).toBeLessThan(1.6);
  expect(learned?.shareUnsure).toBeCloseTo(2.5 / 4, 1);
  expect(learned?.tokens).toBe(40_000);
});

test('too few tokens, or all of one kind, teach nothing', () => {
  expect(learnThreshold(tokens(150, -2, 3), shuffled)).toBeUndefined();
  expect(learnThreshold(tokens(5000, -2, 30), shuffled)).toBeUndefined();
  expect(learnThreshold([], shuffled)).toBeUndefined();
});

test('where entropy says nothing, or the contrary, nothing is learned', () => {
  expect(learnThreshold(tokens(5000, 2, -4), shuffled)).toBeUndefined();
});

const published =
  process.env.SLIPSTREAM_ADADEC_DATA ?? join(import.meta.dirname, '../../../../../shared/data/adadec');

describe.skipIf(!existsSync(published))("the authors' own measurements (skipped without their data)", () => {
  test.each([
    ['deepseek-6.7b.csv.gz', 1.133754],
    ['qwen3-0.6b.csv.gz', 1.321288],
  ])('%s gives their threshold', (file, theirs) => {
    const lines = gunzipSync(readFileSync(join(published, file)))
      .toString()
      .trim()
      .split('\n')
      .slice(1);
    const measured = lines.map((line) => {
      const [entropy, rank] = line.split(',').map(Number);
      return { entropy: entropy as number, isBest: rank === 1 };
    });
    const learned = learnThreshold(measured, numpyPermutation(42), 1);
    expect(Math.abs((learned?.threshold ?? 0) - theirs)).toBeLessThanOrEqual(0.05);
  });
});
