/** When to keep quiet: after completions that nobody wanted. Times are milliseconds of one clock. */
export interface Manner {
  rejected(line: number, now: number): void;
  /** A completion was taken, in whole or in part. */
  accepted(): void;
  /** For how long nothing is to be shown unasked on a line. */
  pausedMs(line: number, now: number): number;
}

/** So many rejections one after another are a sign. */
const patience = 3;
/** Copilot's cool-down of a line. */
const firstPauseMs = 5000;
const growth = 1.5;
const longestPauseMs = 30_000;
/** One rejection is forgotten in so much time. */
const forgetMs = 15_000;

/**
 * After three rejections in a row automatic completions pause on that line; each further one makes the pause longer. Time heals,
 * and what is accepted makes good at once.
 */
export function createManner(): Manner {
  let count = 0;
  let countedAt = 0;
  let pause: { readonly line: number; readonly until: number } | undefined;

  const remembered = (now: number) => Math.max(0, count - (now - countedAt) / forgetMs);

  return {
    rejected(line, now) {
      count = remembered(now) + 1;
      countedAt = now;
      // A little has been forgotten between the first and the third.
      const over = Math.round(count) - patience;
      if (over < 0) return;
      pause = { line, until: now + Math.min(longestPauseMs, firstPauseMs * growth ** over) };
    },
    accepted() {
      count = 0;
      pause = undefined;
    },
    pausedMs: (line, now) => (pause?.line === line ? Math.max(0, pause.until - now) : 0),
  };
}
