/** Work that runs one after another, and work for the time when there is none. */
export interface WorkQueue {
  enqueue(work: () => Promise<void> | void): void;
  /** Whether something waits for the end of what runs. */
  isWaiting(): boolean;
}

/**
 * @param idleMs how long nothing must have happened before idle work begins: who types on would only interrupt it
 * @param idle begins once the queue has been empty for that long; it asks between passes whether it is to end
 */
export function createWorkQueue(
  idleMs: number,
  idle: (isInterrupted: () => boolean) => Promise<void>,
): WorkQueue {
  let tail: Promise<void> = Promise.resolve();
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;

  const rest = () => {
    if (waiting > 0) return;
    timer = setTimeout(() => {
      tail = tail.then(() => (waiting > 0 ? undefined : idle(() => waiting > 0)));
    }, idleMs).unref();
  };
  rest();

  return {
    isWaiting: () => waiting > 0,
    enqueue(work) {
      waiting++;
      clearTimeout(timer);
      tail = tail
        .then(() => {
          waiting--;
          return work();
        })
        .then(rest);
    },
  };
}
