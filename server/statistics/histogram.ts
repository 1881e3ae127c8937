/** Times are kept as counts of bins, each a quarter of a doubling wide: as near to a percentile as anybody can see, and small. */
const binsPerDoubling = 4;
/** Milliseconds; what is shorter is in the first bin. */
const first = 1;
export const binCount = 64;

export function binOf(milliseconds: number): number {
  const bin = Math.ceil(binsPerDoubling * Math.log2(milliseconds / first));
  return Math.min(binCount - 1, Math.max(0, Number.isFinite(bin) ? bin : 0));
}

/** Milliseconds that no sample of a bin exceeds. */
const upperOf = (bin: number): number => first * 2 ** (bin / binsPerDoubling);

export const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

/**
 * The time that a share of the samples do not exceed, interpolated within its bin; undefined where there are none.
 * @param share from 0 to 1
 */
export function percentile(counts: readonly number[], share: number): number | undefined {
  const wanted = share * sum(counts);
  let below = 0;
  for (const [bin, count] of counts.entries()) {
    if (count > 0 && below + count >= wanted) {
      const lower = bin === 0 ? 0 : upperOf(bin - 1);
      return lower + ((wanted - below) / count) * (upperOf(bin) - lower);
    }
    below += count;
  }
  return undefined;
}
