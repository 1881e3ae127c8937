import type { Run } from './diff';
import type { KeyRotation } from './rotation';

/** The token of a row that has been made room for and not been encoded yet. */
export const unencoded = -1;

/** Where the keys and values of a cache's rows are: in this machine's memory, or on a device. Keys are stored rotated. */
export interface KvStorage {
  /** Bytes that it occupies, used or not. */
  readonly byteLength: number;
  /** Makes room for so many rows; what is there stays. */
  reserve(rows: number): void;
  /**
   * Moves rows, and with `rotate` turns their keys to the new positions.
   * @param runs ascending in both sequences; none stays where it is
   */
  move(runs: readonly Run[], rotate: KeyRotation | undefined): void;
  /** Gives back what it occupies; it is not used again. */
  dispose(): void;
}

const initialCapacity = 256;

/**
 * The keys and values of the tokens encoded so far: rows of (token, position), and behind them what a decoder stored of each.
 *
 * Rows are kept in the order of the text. Attention would not need that, but then what encodes a row sees just
 * the rows before it, in the same blocks as a full computation, and needs no mask; and the moving costs no more than the
 * rotating of the keys, which an edit needs in any case.
 */
export class KvCache<Storage extends KvStorage = KvStorage> {
  private rows = 0;
  private exactRows = 0;
  private tokenIds = new Int32Array(initialCapacity);
  private positionIds = new Int32Array(initialCapacity);

  constructor(readonly storage: Storage) {}

  /** Rows held. */
  get length(): number {
    return this.rows;
  }

  /** Leading rows before which nothing has changed since they were encoded: what a full computation gives. */
  get exact(): number {
    return this.exactRows;
  }

  /** Bytes that the rows occupy, used or not. */
  get byteLength(): number {
    return this.storage.byteLength;
  }

  /** The tokens of all rows, in row order, -1 where one is not encoded: a view, valid until the next change. */
  get tokens(): Int32Array {
    return this.tokenIds.subarray(0, this.rows);
  }

  get positions(): Int32Array {
    return this.positionIds.subarray(0, this.rows);
  }

  /** Makes room for rows at `at` and behind, which is at most `length`. */
  reserve(at: number, rows: number): void {
    this.grow(at + rows);
    this.storage.reserve(at + rows);
  }

  /** Notes that rows at `at` and behind have been encoded, over those that were there. */
  encoded(at: number, tokens: readonly number[], positions: readonly number[]): void {
    const end = at + tokens.length;
    this.tokenIds.set(tokens, at);
    this.positionIds.set(positions, at);
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
    this.reserve(0, rows);
    if (moved.length > 0) this.storage.move(moved, rotate);
    for (const { from, to, length } of inSafeOrder(moved)) {
      this.tokenIds.copyWithin(to, from, from + length);
      for (let row = to; row < to + length; row++) this.positionIds[row] = row;
    }
    let end = 0;
    for (const { to, length } of runs) {
      this.tokenIds.fill(unencoded, end, to);
      end = to + length;
    }
    this.rows = rows;
    this.exactRows = Math.min(this.exactRows, prefix);
  }

  private grow(rows: number): void {
    let capacity = this.tokenIds.length;
    if (rows <= capacity) return;
    while (capacity < rows) capacity *= 2;
    const grown = (old: Int32Array) => {
      const larger = new Int32Array(capacity);
      larger.set(old);
      return larger;
    };
    this.tokenIds = grown(this.tokenIds);
    this.positionIds = grown(this.positionIds);
  }
}

/**
 * What moves towards the start goes from the first run on and what moves towards the end from the last one back: so nothing is
 * written over before it has been read.
 */
export const inSafeOrder = (moved: readonly Run[]): Run[] => [
  ...moved.filter(isLeft),
  ...moved.filter((run) => !isLeft(run)).reverse(),
];

const isLeft = ({ from, to }: Run) => to < from;
