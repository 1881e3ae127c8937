import { inSafeOrder, type KvStorage } from './kvCache';

/** What a decoder's cache has to hold per row. */
export interface KvShape {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

const initialCapacity = 256;
export const kvKinds = ['key', 'value'] as const;
export type KvKind = (typeof kvKinds)[number];

/**
 * Keys and values in this machine's memory: one buffer per layer, head and kind, each `[capacity, headDim]`, so that the live
 * part of a buffer is a view that the graph reads in place.
 */
export interface HostStorage extends KvStorage {
  /** Rows `from` to `to` of one head, `[to - from, headDim]`: a view, valid until the next change. */
  view(kind: KvKind, layer: number, head: number, from: number, to: number): Float32Array;
  /**
   * Puts rows at `at` and behind.
   * @param read gives a layer's new keys or values, `[rows, kvHeads * headDim]`
   */
  write(at: number, rows: number, read: (kind: KvKind, layer: number) => Float32Array): void;
}

export function createHostStorage({ layers, kvHeads, headDim }: KvShape): HostStorage {
  let capacity = initialCapacity;
  const allocate = () => Array.from({ length: layers * kvHeads }, () => new Float32Array(capacity * headDim));
  const buffers: Record<KvKind, Float32Array[]> = { key: allocate(), value: allocate() };
  const bufferOf = (kind: KvKind, layer: number, head: number): Float32Array => {
    const buffer = buffers[kind][layer * kvHeads + head];
    if (!buffer) throw new RangeError(`no ${kind} buffer for layer ${layer}, head ${head}`);
    return buffer;
  };
  return {
    get byteLength() {
      return kvKinds.length * layers * kvHeads * capacity * headDim * Float32Array.BYTES_PER_ELEMENT;
    },
    view: (kind, layer, head, from, to) => bufferOf(kind, layer, head).subarray(from * headDim, to * headDim),
    write(at, rows, read) {
      for (const kind of kvKinds) {
        for (let layer = 0; layer < layers; layer++) {
          const source = read(kind, layer);
          for (let head = 0; head < kvHeads; head++) {
            const target = bufferOf(kind, layer, head);
            for (let row = 0; row < rows; row++) {
              const start = (row * kvHeads + head) * headDim;
              target.set(source.subarray(start, start + headDim), (at + row) * headDim);
            }
          }
        }
      }
    },
    reserve(rows) {
      if (rows <= capacity) return;
      while (capacity < rows) capacity *= 2;
      for (const kind of kvKinds) {
        buffers[kind] = buffers[kind].map((old) => {
          const larger = new Float32Array(capacity * headDim);
          larger.set(old);
          return larger;
        });
      }
    },
    move(runs, rotate) {
      for (const { from, to, length } of inSafeOrder(runs)) {
        for (const kind of kvKinds) {
          for (const buffer of buffers[kind]) {
            buffer.copyWithin(to * headDim, from * headDim, (from + length) * headDim);
            if (kind === 'key') rotate?.(buffer.subarray(to * headDim, (to + length) * headDim), to - from);
          }
        }
      }
    },
    dispose() {
      buffers.key = [];
      buffers.value = [];
    },
  };
}
