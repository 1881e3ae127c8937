import { randomIntegers } from '../../cli/eval/random';
import { quantile } from '../measure';
import { mean } from '../statistics';

export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const resamples = 2000;

/**
 * The mean of paired differences with its 95 % interval by the percentile bootstrap (Efron 1979): what the mean would be for
 * other samples of the same kind.
 */
export function bootstrap(differences: readonly number[], seed = 1): Interval {
  const random = randomIntegers(seed);
  const means = Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < differences.length; i++) sum += differences[random(differences.length)] ?? 0;
    return sum / differences.length;
  });
  return { mean: mean(differences), low: quantile(means, 0.025), high: quantile(means, 0.975) };
}
