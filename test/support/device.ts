import { expect } from 'vitest';

/** What the engine's tests run on: the project `webgpu` of `vitest.config.ts` runs them a second time. */
export const testDevice = process.env.SLIPSTREAM_TEST_DEVICE === 'webgpu' ? 'webgpu' : 'cpu';

/**
 * Whether the device of the tests gives a row to the last bit whatever rows are encoded with it (`Decoder.independentRows`). A
 * GPU multiplies one row in another kernel than several, so there it is the same up to rounding.
 */
export const isExact = testDevice === 'cpu';

/** What rounding may do to a logit, as a part of the largest one. */
const rounding = 1e-4;

/** Logits of passes that may have been made of different rows. */
export function expectSameLogits(actual: Float32Array, expected: Float32Array): void {
  expect(actual.length).toBe(expected.length);
  let largest = 0;
  let error = 0;
  for (const [i, logit] of expected.entries()) {
    largest = Math.max(largest, Math.abs(logit));
    error = Math.max(error, Math.abs((actual[i] as number) - logit));
  }
  expect(error).toBeLessThanOrEqual(isExact ? 0 : rounding * largest);
}

interface Chosen {
  readonly logprob: number;
  readonly entropy: number;
}

/** Tokens that passes of different rows have chosen, with all that is known of each. */
export function expectSameTokens<T extends Chosen>(actual: readonly T[], expected: readonly T[]): void {
  const near = ({ logprob, entropy, ...rest }: T) => ({
    ...rest,
    logprob: expect.closeTo(logprob, 3),
    entropy: expect.closeTo(entropy, 3),
  });
  expect(actual).toEqual(isExact ? expected : expected.map(near));
}

/**
 * How many examples of a property to try: fewer on a GPU, since a software one takes 20 times as long for each.
 * @param share one of how many is tried there
 */
export const numRuns = (count: number, share = 6) => (isExact ? count : Math.ceil(count / share));

/** How often at least something must have happened in all examples of a property, for it to say anything; few need not have it. */
export const atLeast = (count: number) => (isExact ? count : 0);
