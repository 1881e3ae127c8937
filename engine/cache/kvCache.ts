/** What a decoder's cache has to hold per row. */
export interface KvShape {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

const initialCapacity = 256;
const kinds = ['key', 'value'] as const;
export type KvKind = (typeof kinds)[number];

/**
 * The keys and values of the tokens encoded so far: rows of (token, position) over one buffer per layer, head
 * and kind, each `[capacity, headDim]`, so that the live part of a buffer is a view that the graph reads in
 * place. Keys are stored rotated. Attention does not depend on the order of rows, only on their positions.
 */
export class KvCache {
  private rows = 0;
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

  /** Bytes that the buffers occupy, used or not. */
  get byteLength(): number {
    const { layers, kvHeads, headDim } = this.shape;
    return kinds.length * layers * kvHeads * this.capacity * headDim * Float32Array.BYTES_PER_ELEMENT;
  }

  /** The tokens of all rows, in row order: a view, valid until the next append. */
  get tokens(): Int32Array {
    return this.tokenIds.subarray(0, this.rows);
  }

  get positions(): Int32Array {
    return this.positionIds.subarray(0, this.rows);
  }

  /** Rows `from` to `to` of one head, `[to - from, headDim]`: a view, valid until the next append. */
  view(kind: KvKind, layer: number, head: number, from: number, to: number): Float32Array {
    const { headDim } = this.shape;
    return this.buffer(kind, layer, head).subarray(from * headDim, Math.min(to, this.rows) * headDim);
  }

  /**
   * Adds rows at the end.
   * @param read gives a layer's new keys or values, `[rows, kvHeads * headDim]`
   */
  append(
    tokens: readonly number[],
    positions: readonly number[],
    read: (kind: KvKind, layer: number) => Float32Array,
  ): void {
    const { layers, kvHeads, headDim } = this.shape;
    this.reserve(this.rows + tokens.length);
    this.tokenIds.set(tokens, this.rows);
    this.positionIds.set(positions, this.rows);
    for (const kind of kinds) {
      for (let layer = 0; layer < layers; layer++) {
        const source = read(kind, layer);
        for (let head = 0; head < kvHeads; head++) {
          const target = this.buffer(kind, layer, head);
          for (let row = 0; row < tokens.length; row++) {
            const start = (row * kvHeads + head) * headDim;
            target.set(source.subarray(start, start + headDim), (this.rows + row) * headDim);
          }
        }
      }
    }
    this.rows += tokens.length;
  }

  /** Drops every row from `length` on. */
  truncate(length: number): void {
    this.rows = Math.min(this.rows, length);
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
