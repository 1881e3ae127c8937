import type { Decoder } from '../runtime/decoder';

export interface PassTime {
  readonly rows: number;
  readonly ms: number;
}

/** Rows of the passes that are timed. */
const sizes = [1, 2, 4, 8, 16, 32];
const rounds = 3;
/** Cached rows that the timed passes attend to: what a long prompt has. */
const past = 1024;
/** Chance that a draft token is right while all before it were: what drafts of long matches have. */
const acceptance = 0.9;

/**
 * The draft length at which a pass yields the most tokens per millisecond: verification is nearly free up to the knee of the
 * device's curve, and no longer behind it. A pass of n rows verifies n - 1 draft tokens and yields one more.
 */
export function draftKnee(times: readonly PassTime[]): number {
  const yieldOf = ({ rows, ms }: PassTime) => (1 - acceptance ** rows) / (1 - acceptance) / ms;
  const best = times.reduce((a, b) => (yieldOf(b) > yieldOf(a) ? b : a));
  return best.rows - 1;
}

export interface KneeMeter {
  /** The longest draft worth verifying; undefined until it has been measured. */
  readonly knee: number | undefined;
  /** @param isInterrupted asked between passes; a later call goes on where this one was interrupted */
  measure(isInterrupted: () => boolean): Promise<void>;
}

/** Times passes of several sizes in turns, the fastest of each counting. */
export function createKneeMeter(decoder: Decoder): KneeMeter {
  const todo = Array.from({ length: rounds }, () => sizes).flat();
  const fastest = new Map<number, number>();
  let knee: number | undefined;
  return {
    get knee() {
      return knee;
    },
    async measure(isInterrupted) {
      if (knee !== undefined || isInterrupted()) return;
      const cache = blankCache(decoder);
      for (let rows = todo[0]; rows !== undefined && !isInterrupted(); rows = todo[0]) {
        const started = performance.now();
        await decoder.predict(cache, new Array(rows).fill(0), { logits: rows, at: past });
        fastest.set(
          rows,
          Math.min(performance.now() - started, fastest.get(rows) ?? Number.POSITIVE_INFINITY),
        );
        todo.shift();
      }
      cache.storage.dispose();
      if (todo.length === 0) knee = draftKnee([...fastest].map(([rows, ms]) => ({ rows, ms })));
    },
  };
}

/** What rows hold makes no difference to the time. */
function blankCache(decoder: Decoder) {
  const cache = decoder.newCache();
  const tokens = new Array(past).fill(0);
  cache.reserve(0, past);
  cache.encoded(0, tokens, tokens);
  return cache;
}
