export interface RestartBudget {
  readonly limit: number;
  readonly windowMs: number;
  /** Whether one more restart is allowed now; it then counts. */
  take(): boolean;
  reset(): void;
}

/** At most `limit` restarts within `windowMs`: a server that dies at once must not be started for ever. */
export function createRestartBudget(limit = 4, windowMs = 3 * 60_000, now = Date.now): RestartBudget {
  let restarts: number[] = [];
  return {
    limit,
    windowMs,
    take() {
      restarts = restarts.filter((time) => now() - time < windowMs);
      if (restarts.length >= limit) return false;
      restarts.push(now());
      return true;
    },
    reset() {
      restarts = [];
    },
  };
}
