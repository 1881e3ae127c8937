import { type KvKind, type KvShape, kvKinds } from '../../cache/hostStorage';
import { inSafeOrder, type KvStorage } from '../../cache/kvCache';
import type { KeyRotation } from '../../cache/rotation';
import { halfOf, widenHalves } from './half';

/** Elements of a tensor: fp32, or the bits of fp16. */
export type Elements = Float32Array | Uint16Array;

/** What a pass returned for one layer: cached and new rows, `[kvHeads, stride, headDim]`. */
export interface Present {
  readonly stride: number;
  readonly elements: Elements;
}

/**
 * Keys and values as exported graphs take and return them: for each layer and kind all heads in one buffer,
 * `[kvHeads, stride, headDim]`. What a pass returns becomes the buffer itself, and goes into the next pass as it is: where rows
 * are only added, which is what decoding does, nothing is copied here.
 */
export interface ExportedStorage extends KvStorage {
  /** The first rows of a layer, `[kvHeads, rows, headDim]`: to be read before the next change. */
  past(kind: KvKind, layer: number, rows: number): Elements;
  /**
   * Takes the rows that a pass has written at `at` and behind.
   * @param keepsRest whether there are rows behind the new ones, which stay
   */
  take(at: number, rows: number, keepsRest: boolean, read: (kind: KvKind, layer: number) => Present): void;
}

export function createExportedStorage(
  { layers, kvHeads, headDim }: KvShape,
  type: 'float32' | 'float16',
): ExportedStorage {
  const allocate = (rows: number): Elements => {
    const size = kvHeads * rows * headDim;
    return type === 'float16' ? new Uint16Array(size) : new Float32Array(size);
  };
  const empty = (): Elements[] => Array.from({ length: layers }, () => allocate(0));
  const buffers: Record<KvKind, Elements[]> = { key: empty(), value: empty() };
  /** Rows of each head that there is room for. */
  let stride = 0;
  const rotated = type === 'float16' ? onHalves : (rotate: KeyRotation) => rotate as Rotate;

  function heads(buffer: Elements): Elements[] {
    const size = stride * headDim;
    return Array.from({ length: kvHeads }, (_, head) => buffer.subarray(head * size, (head + 1) * size));
  }
  function copied(buffer: Elements, rows: number): Elements {
    const copy = allocate(rows);
    const kept = Math.min(rows, stride) * headDim;
    for (const [head, part] of heads(buffer).entries())
      copy.set(part.subarray(0, kept), head * rows * headDim);
    return copy;
  }
  function grow(rows: number): void {
    if (rows <= stride) return;
    for (const kind of kvKinds) buffers[kind] = buffers[kind].map((buffer) => copied(buffer, rows));
    stride = rows;
  }

  return {
    get byteLength() {
      return kvKinds.length * layers * allocate(0).BYTES_PER_ELEMENT * kvHeads * stride * headDim;
    },
    past(kind, layer, rows) {
      grow(rows);
      const buffer = buffers[kind][layer] as Elements;
      if (rows === stride) return buffer;
      return kvHeads === 1 ? buffer.subarray(0, rows * headDim) : copied(buffer, rows);
    },
    take(at, rows, keepsRest, read) {
      const present = (kind: KvKind) => Array.from({ length: layers }, (_, layer) => read(kind, layer));
      const taken = { key: present('key'), value: present('value') };
      if (!keepsRest) {
        for (const kind of kvKinds) buffers[kind] = taken[kind].map(({ elements }) => elements);
        stride = taken.key[0]?.stride ?? 0;
        return;
      }
      for (const kind of kvKinds) {
        for (const [layer, { stride: width, elements }] of taken[kind].entries()) {
          for (const [head, part] of heads(buffers[kind][layer] as Elements).entries()) {
            const from = (head * width + at) * headDim;
            part.set(elements.subarray(from, from + rows * headDim), at * headDim);
          }
        }
      }
    },
    // A pass brings the room for its rows with it, and `move` makes its own.
    reserve() {},
    move(runs, rotate) {
      grow(Math.max(...runs.map(({ to, length }) => to + length)));
      const turn = rotate && rotated(rotate);
      for (const { from, to, length } of inSafeOrder(runs)) {
        for (const kind of kvKinds) {
          for (const part of buffers[kind].flatMap(heads)) {
            part.copyWithin(to * headDim, from * headDim, (from + length) * headDim);
            if (kind === 'key') turn?.(part.subarray(to * headDim, (to + length) * headDim), to - from);
          }
        }
      }
    },
    dispose() {
      buffers.key = [];
      buffers.value = [];
      stride = 0;
    },
  };
}

type Rotate = (keys: Elements, delta: number) => void;

/**
 * Each turn rounds to fp16 (some 5e-4 of a key), as the graph itself does when it stores one. Idle time encodes moved rows anew, so
 * few of these add up.
 */
function onHalves(rotate: KeyRotation): Rotate {
  return (keys, delta) => {
    const wide = widenHalves(keys as Uint16Array);
    rotate(wide, delta);
    for (let i = 0; i < wide.length; i++) keys[i] = halfOf(wide[i] as number);
  };
}
