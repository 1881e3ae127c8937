import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hypothetical } from '../../../../server/monitors/typescript/hypothesis';

test.each([
  ['for (const name of this.', '\n  foo();', 'for (const name of this.)\n  foo();'],
  ['a(b[', ');\n', 'a(b[]);\n'],
  ['a(b.', ');\n', 'a(b.);\n'],
  ["if (a === '", '\n', "if (a === '')\n"],
  ["if (a === '", "') {\n", "if (a === '') {\n"],
  ['a({ b: c.', '\n', 'a({ b: c.})\n'],
  ['function f() {', '\n}\n', 'function f() {\n}\n'],
  ['a(`${b.', '\n`)', 'a(`${b.\n`)'],
  ['// see (', '\n', '// see (\n'],
])('what a line opens is closed: %j behind %j', (before, after, whole) => {
  expect(hypothetical(before, after)).toBe(whole);
});

test('nothing is changed but for what is put in at the place', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ab.,;()[]{}\'"`\n $') });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const whole = hypothetical(before, after);
      expect(whole.startsWith(before) && whole.endsWith(after)).toBe(true);
      const added = whole.slice(before.length, whole.length - after.length);
      expect(added).toMatch(/^['"]?[)\]}]*$/);
    }),
  );
});
