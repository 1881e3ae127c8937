import { describe, expect, test } from 'vitest';
import { createCopyDrafter } from '../../../engine/decode/copy';

const run = (from: number, length: number) => Array.from({ length }, (_, i) => from + i);

describe('copy speculation', () => {
  test('proposes what followed the longest earlier match', () => {
    const drafter = createCopyDrafter();
    const text = [...run(100, 20), 7, 8, 9, ...run(100, 4)];
    expect(drafter.draft(text, 100)).toEqual(run(104, 8));
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
    const text = [...run(0, 60), 99, ...run(0, 6)];
    expect(drafter.draft(text, 100)).toHaveLength(12);
    // None of it came true; then the text repeats again from elsewhere.
    text.push(98, ...run(20, 6));
    expect(drafter.draft(text, 100)).toHaveLength(6);
    text.push(...run(26, 6));
    expect(drafter.draft(text, 100).length).toBeGreaterThan(6);
  });
});
