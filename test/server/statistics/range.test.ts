import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isKept, moved } from '../../../server/statistics/range';

test('an edit beside a piece of text leaves it as it is', () => {
  const property = fc.property(
    fc.string(),
    fc.string({ minLength: 1 }),
    fc.string(),
    fc.boolean(),
    fc.nat(20),
    fc.nat(20),
    fc.string(),
    (before, text, after, isBefore, at, length, inserted) => {
      const all = before + text + after;
      const side = isBefore ? before : after;
      const offset = Math.min(at, side.length);
      const start = isBefore ? offset : before.length + text.length + offset;
      const removed = side.slice(offset, offset + length);
      const span = moved(
        { start: before.length, end: before.length + text.length },
        { start, removed, inserted, before: '' },
        text,
      );
      const now = all.slice(0, start) + inserted + all.slice(start + removed.length);
      expect(now.slice(span.start, span.end)).toBe(text);
    },
  );
  fc.assert(property);
});

test('whatever is edited, the piece stays within the text', () => {
  const property = fc.property(
    fc.string({ minLength: 1 }),
    fc.nat(20),
    fc.nat(20),
    fc.array(fc.tuple(fc.nat(30), fc.nat(30), fc.string())),
    (first, a, b, edits) => {
      let text = first;
      const ends = [Math.min(a, first.length), Math.min(b, first.length)].sort((x, y) => x - y);
      let span = { start: ends[0] ?? 0, end: ends[1] ?? 0 };
      const accepted = text.slice(span.start, span.end);
      for (const [at, length, inserted] of edits) {
        const start = Math.min(at, text.length);
        const removed = text.slice(start, start + length);
        text = text.slice(0, start) + inserted + text.slice(start + removed.length);
        span = moved(span, { start, removed, inserted, before: '' }, accepted);
        expect(span.start).toBeGreaterThanOrEqual(0);
        expect(span.start).toBeLessThanOrEqual(span.end);
        expect(span.end).toBeLessThanOrEqual(text.length);
      }
    },
  );
  fc.assert(property);
});

test('kept means that at least half of it is still there', () => {
  expect(isKept('total += item.price;', 'total += item.price;')).toBe(true);
  expect(isKept('abcdefghij', 'abcdeXXXXX')).toBe(true);
  expect(isKept('abcdefghij', 'abcdXXXXXX')).toBe(false);
  expect(isKept('abcdefghij', '')).toBe(false);
  expect(isKept('', '')).toBe(true);
  expect(isKept('short', 'short and then much more than that')).toBe(false);
});
