import type { KvCache } from '../cache/kvCache';
import type { Decoder, ForwardOptions } from './decoder';

/** One pass of a graph. */
export interface Pass {
  /** The first row to write; those before it are what the new ones see. */
  readonly at: number;
  readonly tokens: readonly number[];
  readonly positions: readonly number[];
  /** How many of the last rows' logits to return. */
  readonly wanted: number;
  /** Where rows from `start` on are a tree: which of those a row sees. Without it each sees all before it. */
  readonly tree?: Tree | undefined;
}

export interface Tree {
  readonly start: number;
  sees(row: number, key: number): boolean;
}

/**
 * The passes that encode tokens, each to be made before the next one is asked for.
 * @param room rows that a pass may write from a row on
 */
export function* passesOf(
  cache: KvCache,
  tokens: readonly number[],
  { logits, at = cache.length, parents, positions }: ForwardOptions,
  room: (at: number) => number,
): Generator<Pass> {
  const tree = parents && treeOf(at + tokens.length - parents.length, parents);
  const places = positions ?? tree?.positions.slice(-tokens.length) ?? tokens.map((_, i) => at + i);
  let done = 0;
  while (done < tokens.length) {
    const rows = Math.min(room(at + done), tokens.length - done);
    const end = done + rows;
    const wanted = Math.max(0, Math.min(rows, end - (tokens.length - logits)));
    const pass = { tokens: tokens.slice(done, end), positions: places.slice(done, end), wanted, tree };
    cache.reserve(at + done, rows);
    yield { at: at + done, ...pass };
    cache.encoded(at + done, pass.tokens, pass.positions);
    done = end;
  }
}

/**
 * A decoder's `forward` in passes.
 * @param run makes one pass and returns the logits that it wanted, `[wanted, vocabSize]`
 */
export const forwardInPasses =
  (
    room: (at: number) => number,
    run: (cache: KvCache, pass: Pass) => Promise<Float32Array>,
  ): Decoder['forward'] =>
  async (cache, tokens, options) => {
    const parts: Float32Array[] = [];
    for (const pass of passesOf(cache, tokens, options, room)) parts.push(await run(cache, pass));
    return parts.length === 1 ? (parts[0] as Float32Array) : concat(parts);
  };

/** Who sees whom in a tree of rows from `start` on, and the position of each: one behind its parent's. */
function treeOf(start: number, parents: readonly number[]) {
  const ancestors: Set<number>[] = [];
  for (const [i, parent] of parents.entries()) {
    if (parent >= i)
      throw new RangeError(`token ${i} of a tree follows token ${parent}, which is not before it`);
    ancestors.push(new Set([...(ancestors[parent] ?? []), start + i]));
  }
  return {
    start,
    positions: ancestors.map(({ size }) => start + size - 1),
    sees: (row: number, key: number) => ancestors[row - start]?.has(key) ?? false,
  };
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
