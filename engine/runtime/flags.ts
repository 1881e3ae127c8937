/** Memory that both sides of the worker border see at once: a message would wait behind the forward pass. */

/** Requests that can be cancelled at the same time, far more than an editor has under way. */
const cancelSlots = 64;
const busySlot = cancelSlots;
const endingSlot = cancelSlots + 1;

export const createFlagMemory = () => new SharedArrayBuffer((cancelSlots + 2) * Int32Array.BYTES_PER_ELEMENT);

export type Flags = ReturnType<typeof flagsIn>;

export function flagsIn(memory: SharedArrayBuffer) {
  const slots = new Int32Array(memory);
  return {
    cancel: (id: number) => void Atomics.store(slots, id % cancelSlots, id),
    /** Whether the request, or everything, is to stop at its next pass. */
    isCancelled: (id: number) =>
      Atomics.load(slots, id % cancelSlots) === id || Atomics.load(slots, endingSlot) === 1,
    isEnding: () => Atomics.load(slots, endingSlot) === 1,
    /** Marks the worker as computing while `work` runs. */
    async whileBusy<T>(work: () => Promise<T>): Promise<T> {
      Atomics.store(slots, busySlot, 1);
      try {
        return await work();
      } finally {
        Atomics.store(slots, busySlot, 0);
        Atomics.notify(slots, busySlot);
      }
    },
    /** Asks everything to stop. */
    end: () => void Atomics.store(slots, endingSlot, 1),
    /** Asks everything to stop and blocks until the worker computes no more, or for so long at most. */
    endAndWait(limitMs: number): void {
      Atomics.store(slots, endingSlot, 1);
      Atomics.wait(slots, busySlot, 1, limitMs);
    },
  };
}
