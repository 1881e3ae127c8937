import { setTimeout as sleep } from 'node:timers/promises';
import { PassingFailure } from './failures';

/** Milliseconds before each further try. */
export const usualWaits: readonly number[] = [500, 1_000, 2_000, 4_000, 8_000];

export interface Persistence {
  readonly signal: AbortSignal;
  readonly waits: readonly number[];
  /** Grows while there is something to show for the tries: those that got further do not count as failed. */
  readonly progress: () => number;
}

/**
 * Tries again after failures that may pass by themselves, until as many tries as there are waits have come to nothing.
 * @throws what the last failure tells, or what another failure is; the signal's reason where it aborts
 */
export async function persist<T>(
  attempt: () => Promise<T>,
  { signal, waits, progress }: Persistence,
): Promise<T> {
  let failures = 0;
  for (;;) {
    const before = progress();
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PassingFailure)) throw error;
      if (progress() > before) failures = 0;
      const wait = waits[failures];
      if (wait === undefined) throw error.told;
      failures++;
      await sleep(Math.max(wait, error.waitMs ?? 0), undefined, { signal });
    }
  }
}
