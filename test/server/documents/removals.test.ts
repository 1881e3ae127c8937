import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRemovals, type Removals } from '../../../server/documents/removals';

/** Plays an edit into `removals` and gives the text after it. */
function edit(removals: Removals, text: string, start: number, length: number, inserted = ''): string {
  const removed = text.slice(start, start + length);
  removals.add({ start, removed, inserted, before: text.slice(Math.max(0, start - 128), start) });
  return text.slice(0, start) + inserted + text.slice(start + length);
}

const code = 'function area(width, height) {\n  return width * height;\n}\n';
const texts = (removals: Removals) => removals.list().map(({ text }) => text);

describe('what edits took away', () => {
  it('is kept with what stands before it, the latest first', () => {
    const removals = createRemovals();
    const after = edit(removals, code, 33, 22);
    edit(removals, after, 0, 20, 'x');
    expect(removals.list()).toMatchObject([
      { number: 1, before: '', text: 'function area(width,' },
      { number: 0, before: 'function area(width, height) {\n  ', text: 'return width * height;' },
    ]);
  });

  it('is what differs, where a text is replaced by a similar one', () => {
    const removals = createRemovals();
    edit(removals, code, 0, code.length, code.replace('return width * height', 'return 0'));
    expect(removals.list()).toMatchObject([
      { before: 'function area(width, height) {\n  return ', text: 'width * height' },
    ]);
    edit(removals, code, 0, code.length, code);
    expect(removals.list()).toHaveLength(1);
  });

  it('is known, however short, while it was the last edit', () => {
    const removals = createRemovals();
    expect(removals.last()).toBeUndefined();
    const after = edit(removals, code, 33, 7);
    expect(removals.last()).toMatchObject({ start: 33, text: 'return ' });
    edit(removals, after, 5, 0, 'x');
    expect(removals.last()).toBeUndefined();
    edit(removals, code, 0, 8, 'class');
    expect(removals.last()).toBeUndefined();
  });

  it('is a correction, not a removal, while it goes key by key and is short', () => {
    const removals = createRemovals();
    let text = code;
    for (let at = 54; at > 46; at--) text = edit(removals, text, at, 1);
    expect(removals.last()).toBeUndefined();
    for (let at = 46; at > 40; at--) text = edit(removals, text, at, 1);
    expect(removals.last()).toMatchObject({ start: 41, text: code.slice(41, 55) });
  });

  it('does not count when it is short or white', () => {
    const removals = createRemovals();
    edit(removals, `${' '.repeat(40)}elevenchars`, 0, 51);
    edit(removals, ' '.repeat(40), 0, 40);
    expect(removals.list()).toEqual([]);
  });

  it('is one text for keys that follow one another, whichever of the two keys it is', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 40, maxLength: 80 }),
        fc.array(fc.constantFrom('backspace', 'delete'), { minLength: 1, maxLength: 38 }),
        (text, keys) => {
          const removals = createRemovals();
          let now = text;
          let caret = Math.floor(text.length / 2);
          const ends = { from: caret, to: caret };
          for (const key of keys) {
            if (key === 'backspace' && caret > 0) {
              now = edit(removals, now, --caret, 1);
              ends.from--;
            } else if (key === 'delete' && caret < now.length) {
              now = edit(removals, now, caret, 1);
              ends.to++;
            }
          }
          const gone = text.slice(ends.from, ends.to);
          expect(texts(removals)).toEqual(gone.trim().length >= 12 ? [gone] : []);
        },
      ),
    );
  });

  it('together with what stands there is what stood there, for the last of any edits', () => {
    const step = fc.record({ at: fc.nat(400), length: fc.nat(60), inserted: fc.string({ maxLength: 30 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const removals = createRemovals();
        let text = code.repeat(6);
        for (const { at, length, inserted } of steps) {
          const start = Math.min(at, text.length);
          const old = text;
          const seen = new Set(removals.list().map(({ number }) => number));
          text = edit(removals, text, start, Math.min(length, text.length - start), inserted);
          const [latest] = removals.list();
          expect(removals.list().length).toBeLessThanOrEqual(8);
          if (latest === undefined || seen.has(latest.number)) continue;
          // A copy that goes on from what stands before it gives the old text back.
          expect(old).toContain(latest.before + latest.text);
        }
      }),
    );
  });

  it('grows in version with each key, so that no older text is taken for it', () => {
    const removals = createRemovals();
    let text = code;
    let known = -1;
    for (let caret = 40; caret > 20; caret--) {
      text = edit(removals, text, caret - 1, 1);
      const [latest] = removals.list();
      if (latest === undefined) continue;
      expect(latest.version).toBeGreaterThan(known);
      known = latest.version;
    }
    expect(known).toBeGreaterThan(0);
  });

  it('is bounded: eight texts of 16 K, the beginning of longer ones', () => {
    const removals = createRemovals();
    const long = Array.from({ length: 5000 }, (_, line) => `line ${line}\n`).join('');
    for (let time = 0; time < 20; time++) edit(removals, long, 0, long.length, `${time}`);
    expect(removals.list().map(({ number }) => number)).toEqual([19, 18, 17, 16, 15, 14, 13, 12]);
    for (const text of texts(removals)) expect(text).toBe(long.slice(0, 16 * 1024));
  });
});
