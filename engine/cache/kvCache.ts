import type { Run } from './diff';
import type { KeyRotation } from './rotation';

/** What a decoder's cache has to hold per row. */
export interface KvShape {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

const initialCapacity = 256;
const kinds = ['key', 'value'] as const;
export type KvKind = (typeof kinds)[number];

/** The token of a row that has been made room for and not been encoded yet. */
export const unencoded = -1;

/**
 * The keys and values of the tokens encoded so far: rows of (token, position) over one buffer per layer, head
 * and kind, each `[capacity, headDim]`, so that the live part of a buffer is a view that the graph reads in
 * place. Keys are stored rotated.
 *
 * Rows are kept in the order of the text. Attention would not need that, but then what encodes a row sees just
 * the rows before it, in the same blocks as a full computation, and needs no mask; and the moving costs no more than the
 * rotating of the keys, which an edit needs in any case.
 */
export class KvCache {
  private rows = 0;
  private exactRows = 0;
  private capacity = initialCapacity;
  private tokenIds = new Int32Array(initialCapacity);
  private positionIds = new Int32Array(initialCapacity);
  private buffers: Record<KvKind, Float32Array[]>;

  constructor(readonly shape: KvShape) {
    const { layers, kvHeads, headDim } = shape;
    const allocate = () =>
      Array.from({ length: layers * kvHeads }, () => new Float32Array(initialCapacity * headDim));
    this.buffers = { key: allocate(), value: allocate() };
  }

  /** Rows held. */
  get length(): number {
    return this.rows;
  }

  /** Leading rows before which nothing has changed since they were encoded: what a full computation gives. */
  get exact(): number {
    return this.exactRows;
  }

  /** Bytes that the buffers occupy, used or not. */
  get byteLength(): number {
    const { layers, kvHeads, headDim } = this.shape;
    return kinds.length * layers * kvHeads * this.capacity * headDim * Float32Array.BYTES_PER_ELEMENT;
  }

  /** The tokens of all rows, in row order, -1 where one is not encoded: a view, valid until the next write. */
  get tokens(): Int32Array {
    return this.tokenIds.subarray(0, this.rows);
  }

  get positions(): Int32Array {
    return this.positionIds.subarray(0, this.rows);
  }

  /** Rows `from` to `to` of one head, `[to - from, headDim]`: a view, valid until the next write. */
  view(kind: KvKind, layer: number, head: number, from: number, to: number): Float32Array {
    const { headDim } = this.shape;
    return this.buffer(kind, layer, head).subarray(from * headDim, Math.min(to, this.rows) * headDim);
  }

  /**
   * Puts rows at `at` and behind, over those that are there.
   * @param at at most `length`
   * @param read gives a layer's new keys or values, `[rows, kvHeads * headDim]`
   */
  write(
    at: number,
    tokens: readonly number[],
    positions: readonly number[],
    read: (kind: KvKind, layer: number) => Float32Array,
  ): void {
    const { layers, kvHeads, headDim } = this.shape;
    const end = at + tokens.length;
    this.reserve(end);
    this.tokenIds.set(tokens, at);
    this.positionIds.set(positions, at);
    for (const kind of kinds) {
      for (let layer = 0; layer < layers; layer++) {
        const source = read(kind, layer);
        for (let head = 0; head < kvHeads; head++) {
          const target = this.buffer(kind, layer, head);
          for (let row = 0; row < tokens.length; row++) {
            const start = (row * kvHeads + head) * headDim;
            target.set(source.subarray(start, start + headDim), (at + row) * headDim);
          }
        }
      }
    }
    this.rows = Math.max(this.rows, end);
    if (at <= this.exactRows) this.exactRows = end;
  }

  /** Drops every row from `length` on. */
  truncate(length: number): void {
    this.rows = Math.min(this.rows, length);
    this.exactRows = Math.min(this.exactRows, length);
  }

  /**
   * Keeps one branch of a tree: its rows, ascending, follow row `start - 1`, and all others from `start` on are dropped.
   * Its positions are those already. What it holds is exact up to rounding only, since other rows stood between.
   */
  keepBranch(start: number, rows: readonly number[]): void {
    const trunk = { from: 0, to: 0, length: start };
    this.rearrange([trunk, ...rows.map((from, i) => ({ from, to: start + i, length: 1 }))]);
  }

  /**
   * Moves rows to their places in a changed text. The rows between them wait to be encoded; rows in no run are dropped.
   * @param runs ascending in both sequences
   * @param rotate turns keys to their new positions; left out, they keep the angles of the old ones
   */
  rearrange(runs: readonly Run[], rotate?: KeyRotation): void {
    const first = runs[0];
    const prefix = first?.from === 0 && first.to === 0 ? first.length : 0;
    const last = runs.at(-1);
    const rows = last === undefined ? 0 : last.to + last.length;
    const moved = runs.filter(({ from, to }) => from !== to);
    this.reserve(rows);
    // What moves towards the start goes from the first run on and what moves towards the end from the last one back:
    // so nothing is written over before it has been read.
    const order = [...moved.filter(isLeft), ...moved.filter((run) => !isLeft(run)).reverse()];
    for (const run of order) this.move(run, rotate);
    let end = 0;
    for (const { to, length } of runs) {
      this.tokenIds.fill(unencoded, end, to);
      end = to + length;
    }
    this.rows = rows;
    this.exactRows = Math.min(this.exactRows, prefix);
  }

  private move({ from, to, length }: Run, rotate: KeyRotation | undefined): void {
    const { headDim } = this.shape;
    this.tokenIds.copyWithin(to, from, from + length);
    for (let row = to; row < to + length; row++) this.positionIds[row] = row;
    for (const kind of kinds) {
      for (const buffer of this.buffers[kind]) {
        buffer.copyWithin(to * headDim, from * headDim, (from + length) * headDim);
        if (kind === 'key') rotate?.(buffer.subarray(to * headDim, (to + length) * headDim), to - from);
      }
    }
  }

  private buffer(kind: KvKind, layer: number, head: number): Float32Array {
    const buffer = this.buffers[kind][layer * this.shape.kvHeads + head];
    if (!buffer) throw new RangeError(`no ${kind} buffer for layer ${layer}, head ${head}`);
    return buffer;
  }

  private reserve(rows: number): void {
    if (rows <= this.capacity) return;
    while (this.capacity < rows) this.capacity *= 2;
    const grow = <T extends Float32Array | Int32Array>(old: T, larger: T): T => {
      larger.set(old);
      return larger;
    };
    this.tokenIds = grow(this.tokenIds, new Int32Array(this.capacity));
    this.positionIds = grow(this.positionIds, new Int32Array(this.capacity));
    for (const kind of kinds) {
      this.buffers[kind] = this.buffers[kind].map((old) =>
        grow(old, new Float32Array(this.capacity * this.shape.headDim)),
      );
    }
  }
}

const isLeft = ({ from, to }: Run) => to < from;
