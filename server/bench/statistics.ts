/** Kullback-Leibler divergence of the softmax of `other` from that of `reference`, in nats. */
export function divergence(reference: Float32Array, other: Float32Array): number {
  const p = logSoftmax(reference);
  const q = logSoftmax(other);
  return p.reduce((sum, logP, i) => sum + Math.exp(logP) * (logP - (q[i] ?? 0)), 0);
}

function logSoftmax(logits: Float32Array): Float64Array {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) highest = Math.max(highest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  const logSum = highest + Math.log(sum);
  return Float64Array.from(logits, (logit) => logit - logSum);
}

export const mean = (samples: readonly number[]) =>
  samples.reduce((sum, sample) => sum + sample, 0) / samples.length;

export const share = <T>(samples: readonly T[], holds: (sample: T) => boolean) =>
  samples.filter(holds).length / samples.length;

export interface Bins {
  readonly labels: readonly string[];
  /** Which share of each list, in percent, falls into each bin. */
  readonly shares: readonly (readonly number[])[];
}

/** A distribution over bins that double in width: times differ by factors. */
export function doublingBins(lists: readonly (readonly number[])[], first: number): Bins {
  const highest = Math.max(first, ...lists.flat());
  const doublings = Math.max(0, Math.ceil(Math.log2(highest / first)));
  const borders = Array.from({ length: doublings + 1 }, (_, i) => first * 2 ** i);
  const labels = borders.map((border, i) => `${i === 0 ? 0 : borders[i - 1]}–${border}`);
  const binOf = (sample: number) => borders.findIndex((border) => sample <= border);
  return {
    labels,
    shares: lists.map((list) =>
      borders.map((_, bin) => 100 * share(list, (sample) => binOf(sample) === bin)),
    ),
  };
}
