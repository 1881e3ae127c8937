import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commonRuns } from '../../../engine/cache/diff';
import { createHostStorage, type KvKind } from '../../../engine/cache/hostStorage';
import { KvCache } from '../../../engine/cache/kvCache';

const shape = { layers: 2, kvHeads: 3, headDim: 4 };
const create = () => new KvCache(createHostStorage(shape));

function write(cache: ReturnType<typeof create>, at: number, tokens: readonly number[], positions = tokens) {
  cache.reserve(at, tokens.length);
  cache.storage.write(at, tokens.length, (kind: KvKind, layer) => valuesOf(tokens, kind, layer));
  cache.encoded(at, tokens, positions);
}

describe('the KV cache', () => {
  test('holds what a plain list of rows would hold after any appends and truncations', () => {
    const append = fc.record({ append: fc.integer({ min: 1, max: 200 }) });
    const truncate = fc.record({ truncate: fc.integer({ min: 0, max: 500 }) });
    fc.assert(
      fc.property(fc.array(fc.oneof(append, truncate), { maxLength: 12 }), (actions) => {
        const cache = create();
        const rows: number[] = [];
        let next = 1;
        for (const action of actions) {
          if ('truncate' in action) {
            cache.truncate(action.truncate);
            rows.length = Math.min(rows.length, action.truncate);
            continue;
          }
          const tokens = Array.from({ length: action.append }, () => next++);
          write(
            cache,
            cache.length,
            tokens,
            tokens.map((t) => t * 2),
          );
          rows.push(...tokens);
        }
        expect([...cache.tokens]).toEqual(rows);
        expect([...cache.positions]).toEqual(rows.map((t) => t * 2));
        for (const kind of ['key', 'value'] as const) {
          for (let layer = 0; layer < shape.layers; layer++) {
            for (let head = 0; head < shape.kvHeads; head++) {
              const expected = rows.flatMap((t) => headValues(t, kind, layer, head));
              expect([...cache.storage.view(kind, layer, head, 0, rows.length)]).toEqual(expected);
            }
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('moves rows to where a changed text has them, whatever moves where', () => {
    const edits = fc.array(fc.tuple(fc.nat(300), fc.nat(40), fc.nat(40)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), edits, (length, changes) => {
        const cache = create();
        const tokens = Array.from({ length }, (_, i) => i + 1);
        write(cache, 0, tokens);
        const changed = [...tokens];
        for (const [at, removed, added] of changes) changed.splice(at, removed, ...Array(added).fill(0));
        const runs = commonRuns(tokens, changed);
        const moves: number[] = [];
        cache.rearrange(runs, (keys, delta) => moves.push(keys.length, delta));

        const moved = runs.filter(({ from, to }) => from !== to);
        const heads = shape.layers * shape.kvHeads;
        expect(moves).toHaveLength(2 * heads * moved.length);
        const last = runs.at(-1);
        expect(cache.length).toBe(last === undefined ? 0 : last.to + last.length);
        expect([...cache.tokens]).toEqual(changed.slice(0, cache.length).map((token) => token || -1));
        expect([...cache.positions].filter((_, row) => changed[row])).toEqual(
          runs.flatMap((run) =>
            tokens
              .slice(run.from, run.from + run.length)
              .map((t, i) => (run.from === run.to ? t : run.to + i)),
          ),
        );
        for (const { from, to, length: rows } of runs) {
          const expected = tokens.slice(from, from + rows).flatMap((t) => headValues(t, 'value', 1, 2));
          expect([...cache.storage.view('value', 1, 2, to, to + rows)]).toEqual(expected);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('knows up to where its rows are exact', () => {
    const cache = create();
    write(cache, 0, [1, 2, 3, 4, 5, 6]);
    expect(cache.exact).toBe(6);
    cache.rearrange([
      { from: 0, to: 0, length: 2 },
      { from: 3, to: 4, length: 3 },
    ]);
    expect([cache.length, cache.exact]).toEqual([7, 2]);
    write(cache, 2, [8, 9]);
    expect(cache.exact).toBe(4);
    write(cache, 7, [10]);
    expect(cache.exact).toBe(4);
    write(cache, 4, [4, 5, 6, 10]);
    expect(cache.exact).toBe(8);
    cache.truncate(3);
    expect([cache.length, cache.exact]).toEqual([3, 3]);
  });
});

/** A value that names its own place, exact in fp32. */
const headValues = (token: number, kind: 'key' | 'value', layer: number, head: number) =>
  Array.from(
    { length: shape.headDim },
    (_, i) => token * 64 + (kind === 'key' ? 0 : 32) + layer * 12 + head * 4 + i,
  );

const valuesOf = (tokens: readonly number[], kind: 'key' | 'value', layer: number) =>
  Float32Array.from(
    tokens.flatMap((t) =>
      Array.from({ length: shape.kvHeads }, (_, h) => headValues(t, kind, layer, h)).flat(),
    ),
  );
