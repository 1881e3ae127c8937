/** Those who wait for something that happens to all of them at once. */
export interface Waiting {
  /** Resolves with the next `wake`, or after `timeoutMs`, or when `signal` aborts. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<void>;
  wake(): void;
}

export function createWaiting(): Waiting {
  const wakes = new Set<() => void>();
  return {
    async wait(timeoutMs, signal) {
      if (signal.aborted) return;
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          wakes.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, timeoutMs);
        signal.addEventListener('abort', wake);
        wakes.add(wake);
      });
    },
    wake() {
      for (const wake of wakes) wake();
    },
  };
}
