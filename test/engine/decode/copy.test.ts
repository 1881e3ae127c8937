import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCopyDrafter } from '../../../engine/decode/copy';
import { createCopySources, type IndexedSource } from '../../../engine/decode/copySources';

const run = (from: number, length: number) => Array.from({ length }, (_, i) => from + i);

describe('copy speculation', () => {
  test('proposes what followed the longest earlier match', () => {
    const drafter = createCopyDrafter();
    const text = [...run(100, 20), 7, 8, 9, ...run(100, 4)];
    expect(drafter.draft(text, 100)).toEqual(run(104, 12));
  });

  test('prefers the longer match to a later, shorter one', () => {
    const drafter = createCopyDrafter();
    const text = [1, 2, 3, 4, 5, 60, 61, 9, 3, 4, 5, 70, 71, 8, 1, 2, 3, 4, 5];
    expect(drafter.draft(text, 100).slice(0, 2)).toEqual([60, 61]);
  });

  test('proposes nothing where nothing repeats, and never more than there is room for', () => {
    expect(createCopyDrafter().draft(run(0, 50), 100)).toEqual([]);
    expect(createCopyDrafter().draft([...run(0, 30), ...run(0, 10)], 4)).toEqual(run(10, 3));
    expect(createCopyDrafter().draft([...run(0, 30), ...run(0, 10)], 1)).toEqual([]);
  });

  test('drafts less after a draft has failed, and more again after right ones', () => {
    const drafter = createCopyDrafter();
    const text = [...run(0, 60), 99, ...run(0, 4)];
    expect(drafter.draft(text, 100)).toHaveLength(12);
    // None of it came true; then the text repeats again from elsewhere.
    text.push(98, ...run(20, 4));
    const less = drafter.draft(text, 100).length;
    expect(less).toBeLessThan(12);
    text.push(...run(24, less), 97, ...run(40, 4));
    expect(drafter.draft(text, 100).length).toBeGreaterThan(less);
  });

  test('goes on behind a change in what is being copied, where one token agrees again', () => {
    const drafter = createCopyDrafter();
    const text = [...run(100, 40), 7, ...run(100, 5)];
    drafter.draft(text, 100);
    text.push(...run(105, 3), 60, 61, 110);
    expect(drafter.draft(text, 100).slice(0, 3)).toEqual(run(111, 3));
    // The same token is chance where nothing was being copied.
    expect(createCopyDrafter().draft([...run(100, 40), 7, 60, 61, 110], 100)).toEqual([]);
  });

  test('gives a copy up that has broken off', () => {
    const drafter = createCopyDrafter();
    const text = [...run(100, 40), 7, ...run(100, 5)];
    drafter.draft(text, 100);
    text.push(...run(200, 60), 110);
    expect(drafter.draft(text, 100)).toEqual([]);
  });

  test('copies from another source where that matches longer, and from the text itself among equals', async () => {
    const other = await indexed([...run(500, 10), ...run(100, 30)]);
    const text = [...run(100, 3), 60, 61, 62, 63, 9, ...run(500, 10), ...run(100, 3)];
    const drafter = createCopyDrafter({ sources: [other] });
    expect(drafter.draft(text, 100).slice(0, 3)).toEqual(run(103, 3));
    const short = createCopyDrafter({ sources: [other] });
    expect(short.draft([...run(100, 3), 60, 61, 62, 63, 9, ...run(100, 3)], 100).slice(0, 3)).toEqual([
      60, 61, 62,
    ]);
  });

  test('copyspec: the last three tokens, where they occurred first, ten tokens', () => {
    const text = [1, 2, 3, ...run(10, 20), 5, 1, 2, 3, ...run(40, 20), 5, 1, 2, 3];
    expect(createCopyDrafter({ rule: 'copyspec' }).draft(text, 100)).toEqual(run(10, 10));
    expect(createCopyDrafter().draft(text, 100).slice(0, 3)).toEqual([40, 41, 42]);
    expect(createCopyDrafter({ rule: 'copyspec' }).draft([1, 2, 3, 4, 1, 2], 100)).toEqual([]);
    expect(createCopyDrafter({ rule: 'copyspec' }).draft([1, 2, 3, 4, 1, 2, 3], 100)).toEqual([4, 1, 2, 3]);
  });

  test('copyspec drafts what the published code drafts', () => {
    // A transcription of its rule: a table of every window of three tokens and where it stands first.
    const publishedDraft = (tokens: readonly number[]) => {
      const last = tokens.slice(-3).join();
      const at = tokens.findIndex((_, i) => i + 3 < tokens.length && tokens.slice(i, i + 3).join() === last);
      return tokens.length < 3 || at < 0 ? [] : tokens.slice(at + 3, at + 13);
    };
    const texts = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 });
    fc.assert(
      fc.property(texts, (text) => {
        const drafter = createCopyDrafter({ rule: 'copyspec' });
        for (let i = 1; i <= text.length; i++) {
          expect(drafter.draft(text.slice(0, i), 100)).toEqual(publishedDraft(text.slice(0, i)));
        }
      }),
    );
  });
});

async function indexed(tokens: readonly number[]): Promise<IndexedSource> {
  const sources = createCopySources(() => tokens);
  sources.offer([{ id: 'other', version: 1, text: 'x' }]);
  await sources.index(() => false);
  return sources.ready()[0] as IndexedSource;
}
