/** Work that runs one after another, and work for the time when there is none. */
export interface WorkQueue {
  /** @param manners work that is `patient` lets what runs come to its end: two that let each other go first would never end */
  enqueue(work: () => Promise<void> | void, manners?: 'patient'): void;
  /** Whether something waits for the end of what runs that is not patient. */
  isWaiting(): boolean;
}

/**
 * @param idleMs how long nothing must have happened before idle work begins: who types on would only interrupt it
 * @param idle begins once the queue has been empty for that long; between passes it looks whether something waits
 */
export function createWorkQueue(idleMs: number, idle: () => Promise<void>): WorkQueue {
  let tail: Promise<void> = Promise.resolve();
  let waiting = 0;
  let impatient = 0;
  let timer: NodeJS.Timeout | undefined;

  const rest = () => {
    if (waiting > 0) return;
    timer = setTimeout(() => {
      tail = tail.then(() => (waiting > 0 ? undefined : idle()));
    }, idleMs).unref();
  };
  rest();

  return {
    isWaiting: () => impatient > 0,
    enqueue(work, manners) {
      const counts = manners === 'patient' ? 0 : 1;
      waiting++;
      impatient += counts;
      clearTimeout(timer);
      tail = tail
        .then(() => {
          waiting--;
          impatient -= counts;
          return work();
        })
        .then(rest);
    },
  };
}
