import { expect, test } from 'vitest';
import { wrap } from '../../client/wrap';

test('text is broken between words', () => {
  expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
});

test('no word is lost and only a single long word exceeds the length', () => {
  const text = 'The model folder /a/very/long/path/that/does/not/fit cannot be read.';
  const lines = wrap(text, 12);
  expect(lines.join(' ')).toBe(text);
  for (const line of lines) expect(line.length <= 12 || !line.includes(' ')).toBe(true);
});
