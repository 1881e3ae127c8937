import fc from 'fast-check';
import { expect, test } from 'vitest';
import { halfToFloat } from '../../../../engine/model/dtypes';
import { halfOf, widenHalves } from '../../../../engine/runtime/exported/half';

test('each fp16 value goes there and back', () => {
  const all = Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits);
  const wide = [...widenHalves(all)];
  expect(
    wide.flatMap((value, bits) => (Number.isNaN(value) || halfOf(value) === bits ? [] : [bits])),
  ).toEqual([]);
  expect(Number.isNaN(halfToFloat(halfOf(Number.NaN)))).toBe(true);
});

test('what lies between goes to the nearer of its neighbours', () => {
  fc.assert(
    fc.property(fc.double({ min: -65504, max: 65504, noNaN: true }), (wide) => {
      const value = Math.fround(wide);
      const bits = halfOf(value);
      const error = Math.abs(halfToFloat(bits) - value);
      const others = [bits - 1, bits + 1].filter((other) => (other & 0x7fff) <= 0x7bff && other >= 0);
      for (const other of others) expect(error).toBeLessThanOrEqual(Math.abs(halfToFloat(other) - value));
    }),
  );
  expect(halfToFloat(halfOf(1e6))).toBe(Number.POSITIVE_INFINITY);
});
