export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The `share` quantile by linear interpolation; 0.5 is the median. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (samples: readonly number[]) => quantile(samples, 0.5);

export async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const start = performance.now();
  const result = await work();
  return { ms: performance.now() - start, result };
}

/** Takes a few samples in a row, in milliseconds each. */
export type Sampler = () => Promise<readonly number[]>;

/**
 * Samples of each contender, taken in turns (A B A B ...) so that a slow spell of the machine meets all of
 * them. Between turns the thread pools of the last one get time to stop spinning. The first round warms up.
 * @param isOver asked between rounds: whether there is time for no more of them; what has warmed up is sampled once at least
 */
export async function samplesInTurns<Name extends string>(
  contenders: ReadonlyMap<Name, Sampler>,
  rounds: number,
  isOver: () => boolean = () => false,
): Promise<Map<Name, number[]>> {
  const samples = new Map<Name, number[]>([...contenders.keys()].map((name) => [name, []]));
  for (let round = 0; round <= rounds && (round === 1 || !isOver()); round++) {
    for (const [name, sample] of contenders) {
      await sleep(30);
      const taken = await sample();
      if (round > 0) samples.get(name)?.push(...taken);
    }
  }
  return samples;
}

/** The medians of such samples. */
export async function interleave<Name extends string>(
  ...how: Parameters<typeof samplesInTurns<Name>>
): Promise<Map<Name, number>> {
  const samples = await samplesInTurns(...how);
  return new Map([...samples].map(([name, taken]) => [name, median(taken)]));
}
