import type * as ort from 'onnxruntime-node';
import { type KvKind, type KvShape, kvKinds } from '../../cache/hostStorage';
import type { KvStorage } from '../../cache/kvCache';
import type { Mover } from './mover';

/**
 * Keys and values on a device: one buffer per layer and kind, `[1, kvHeads, capacity, headDim]`, which passes write into. They are
 * never read back. What is moved waits until the next pass, so that several changes are one run.
 */
export interface DeviceStorage extends KvStorage {
  /** The buffers, with all that was reserved and moved. */
  settled(): Promise<DeviceBuffers>;
}

export type DeviceBuffers = Readonly<Record<KvKind, readonly ort.Tensor[]>>;

const initialCapacity = 256;

/** Rows of the buffers as they will be: where each comes from, and how far its key is turned. */
interface Pending {
  readonly from: Int32Array;
  readonly delta: Int32Array;
}

export function createDeviceStorage({ layers, kvHeads, headDim }: KvShape, mover: Mover): DeviceStorage {
  let capacity = initialCapacity;
  let held: { buffers: DeviceBuffers; capacity: number } | undefined;
  let pending: Pending | undefined;

  const identity = (rows: number): Pending => ({
    from: Int32Array.from({ length: rows }, (_, row) => row),
    delta: new Int32Array(rows),
  });

  return {
    get byteLength() {
      return kvKinds.length * layers * kvHeads * capacity * headDim * Float32Array.BYTES_PER_ELEMENT;
    },
    reserve(rows) {
      while (capacity < rows) capacity *= 2;
    },
    move(runs, rotate) {
      const before = pending ?? identity(capacity);
      const from = new Int32Array(capacity);
      const delta = new Int32Array(capacity);
      from.set(before.from);
      delta.set(before.delta);
      for (const run of runs) {
        for (let i = 0; i < run.length; i++) {
          from[run.to + i] = before.from[run.from + i] ?? 0;
          delta[run.to + i] =
            (before.delta[run.from + i] ?? 0) + (rotate === undefined ? 0 : run.to - run.from);
        }
      }
      pending = { from, delta };
    },
    async settled() {
      if (held === undefined) {
        held = { buffers: await mover.blank(capacity), capacity };
      } else if (pending !== undefined || held.capacity < capacity) {
        const { from, delta } = pending ?? identity(held.capacity);
        const buffers = await mover.move(held.buffers, held.capacity, capacity, from, delta);
        held = { buffers, capacity };
      }
      pending = undefined;
      return held.buffers;
    },
    dispose() {
      if (held !== undefined) mover.free(held.buffers);
      held = undefined;
      pending = undefined;
    },
  };
}
