import { expect, it } from 'vitest';
import { keysOf } from '../../../../engine/decode/uncertainty/confidence';
import { secondsOf } from '../../../../server/bench/cpuTime';
import { gapsAt, passagesOf } from '../../../../server/bench/typing/keys';
import type { Key } from '../../../../server/bench/typing/paced';
import { charactersSaved, newTexts } from '../../../../server/bench/typing/worth';

it('takes a line break and the indentation behind it for one key, and a character outside the plane for one', () => {
  expect(keysOf('a {\n  b😀\n\n}')).toEqual(['a', ' ', '{', '\n  ', 'b', '😀', '\n', '\n', '}']);
});

it('cuts passages out of files so that nothing is lost', () => {
  const text = Array.from({ length: 200 }, (_, i) => `  const name${i} = ${i};\n`).join('');
  const [passage] = passagesOf([{ path: '/a.ts', text }], 1, 40);
  expect(passage?.keys).toHaveLength(40);
  expect(`${passage?.before}${passage?.keys.join('')}${passage?.after}`).toBe(text);
  expect(passage?.before.endsWith('\n')).toBe(true);
});

it('types at the speed that is asked for, the same in each run', () => {
  const gaps = gapsAt(60, 50, 1);
  expect(gaps.reduce((sum, gap) => sum + gap, 0) / 50).toBeCloseTo(200);
  expect(Math.min(...gaps)).toBeGreaterThan(20);
  expect(gapsAt(60, 50, 1)).toEqual(gaps);
});

it('counts what a completion saves only where all of it is right, and nothing twice', () => {
  const text = 'total(items);';
  const key = (i: number, shown?: string): Key => ({
    wrote: text[i] as string,
    ahead: text.slice(i + 1),
    ...(shown !== undefined && { shown: { text: shown, ms: 1, source: 'fresh' } }),
  });
  const typed = (answers: Readonly<Record<number, string>>) =>
    charactersSaved([...text].map((_, i) => key(i, answers[i])));
  expect(typed({ 0: 'otal(items)' })).toBe(10);
  expect(typed({ 0: 'otal(things)' })).toBe(0);
  // Behind `total(` with the next completion; those in between are not needed any more.
  expect(typed({ 0: 'otal(', 1: 'tal(', 5: 'items' })).toBe(4 + 4);
});

it('counts a text that goes on behind the passage for right, and saves no more than the passage has', () => {
  const key: Key = {
    wrote: 't',
    ahead: 'otal(items);',
    shown: { text: 'otal(items);', ms: 1, source: 'fresh' },
  };
  const passage = [key, ...[...'otal'].map((wrote): Key => ({ wrote, ahead: '' }))];
  expect(charactersSaved(passage)).toBe(3);
});

it('takes what remains of a ghost text while it is typed for the same one', () => {
  const shown = ['otal', 'tal', 'ax', undefined, 'ax'];
  const keys = [...'total'].map((wrote, i): Key => {
    const text = shown[i];
    return { wrote, ahead: '', ...(text !== undefined && { shown: { text, ms: 1, source: 'fresh' } }) };
  });
  expect(newTexts(keys).map((key) => keys.indexOf(key))).toEqual([0, 2, 4]);
});

it('reads the times that ps writes', () => {
  expect([secondsOf(' 0:01.23\n'), secondsOf('2:03'), secondsOf('1:00:00')]).toEqual([1.23, 123, 3600]);
});
