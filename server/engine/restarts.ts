const window = 60_000;
const mostRestarts = 3;

/** Counts crashes: a few are restarted silently, a crash loop is not. */
export interface RestartBudget {
  /** Takes note of a crash at `now` (milliseconds) and says whether to start again. */
  allows(now: number): boolean;
}

export function restartBudget(most = mostRestarts): RestartBudget {
  let crashes: number[] = [];
  return {
    allows(now) {
      crashes = [...crashes.filter((time) => now - time < window), now];
      return crashes.length <= most;
    },
  };
}
