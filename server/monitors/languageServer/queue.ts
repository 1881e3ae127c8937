import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';

/** Runs jobs one after the other. */
export interface SerialQueue {
  /**
   * The token is cancelled when the job has run for longer than anybody waits and another one is there. Resolves with
   * undefined where newer jobs pushed this one out before its turn.
   */
  run<T>(job: (token: CancellationToken) => Promise<T>): Promise<T | undefined>;
}

/**
 * @param patienceMs a running job is cancelled behind this time as soon as another one waits
 * @param capacity jobs that may wait; the oldest ones, which nobody looks at any more, make room
 */
export function createSerialQueue(patienceMs: number, capacity: number): SerialQueue {
  const waiting: { start(): void; drop(): void }[] = [];
  let running: { source: CancellationTokenSource; timer: NodeJS.Timeout; isLate: boolean } | undefined;

  const next = () => {
    running = undefined;
    waiting.shift()?.start();
  };
  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        const start = () => {
          const source = new CancellationTokenSource();
          const timer = setTimeout(() => {
            if (running) running.isLate = true;
            if (waiting.length > 0) source.cancel();
          }, patienceMs);
          running = { source, timer, isLate: false };
          job(source.token)
            .then(resolve, reject)
            .finally(() => {
              clearTimeout(timer);
              source.dispose();
              next();
            });
        };
        if (running === undefined) return start();
        waiting.push({ start, drop: () => resolve(undefined) });
        if (waiting.length > capacity) waiting.shift()?.drop();
        if (running.isLate) running.source.cancel();
      }),
  };
}
