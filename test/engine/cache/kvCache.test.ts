import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KvCache } from '../../../engine/cache/kvCache';

const shape = { layers: 2, kvHeads: 3, headDim: 4 };

describe('the KV cache', () => {
  test('holds what a plain list of rows would hold after any appends and truncations', () => {
    const append = fc.record({ append: fc.integer({ min: 1, max: 200 }) });
    const truncate = fc.record({ truncate: fc.integer({ min: 0, max: 500 }) });
    fc.assert(
      fc.property(fc.array(fc.oneof(append, truncate), { maxLength: 12 }), (actions) => {
        const cache = new KvCache(shape);
        const rows: number[] = [];
        let next = 1;
        for (const action of actions) {
          if ('truncate' in action) {
            cache.truncate(action.truncate);
            rows.length = Math.min(rows.length, action.truncate);
            continue;
          }
          const tokens = Array.from({ length: action.append }, () => next++);
          cache.write(
            cache.length,
            tokens,
            tokens.map((t) => t * 2),
            (kind, layer) => valuesOf(tokens, kind, layer),
          );
          rows.push(...tokens);
        }
        expect([...cache.tokens]).toEqual(rows);
        expect([...cache.positions]).toEqual(rows.map((t) => t * 2));
        for (const kind of ['key', 'value'] as const) {
          for (let layer = 0; layer < shape.layers; layer++) {
            for (let head = 0; head < shape.kvHeads; head++) {
              const expected = rows.flatMap((t) => headValues(t, kind, layer, head));
              expect([...cache.view(kind, layer, head, 0, rows.length)]).toEqual(expected);
            }
          }
        }
      }),
      { numRuns: 30 },
    );
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
