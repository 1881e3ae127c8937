import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { hidesPrivateNames, isPreprocessor } from '../../../../server/monitors/languageServer/clang';
import { changedLines } from '../../../../server/monitors/languageServer/documents';
import { languageOf } from '../../../../server/monitors/languageServer/languages';
import { lex, missingClosers } from '../../../../server/monitors/languageServer/lexing';
import { isFree, receiverStart, unionMembers } from '../../../../server/monitors/languageServer/python';
import { wordsOf } from '../../../../server/monitors/languageServer/words';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\r\n', ' ', '😀', 'é') });

test('a change makes the old text the new one', () => {
  fc.assert(
    fc.property(text, text, text, text, (head, old, now, tail) => {
      const before = TextDocument.create('file:///a', 'lua', 1, head + old + tail);
      const after = TextDocument.update(before, [changedLines(before, head + now + tail)], 2);
      expect(after.getText()).toBe(head + now + tail);
    }),
  );
});

test.each([
  ['python', 'x = f(a, [1, "(', true, '])'],
  ['python', "x = '''a ( \n b", true, ''],
  ['python', "x = f(''' a ( ''', # (", true, ')'],
  ['python', "x = 'it''s' + {1: (", false, ')}'],
  ['c', `if (a > 1'000) { g("\\"(", '('`, false, ')}'],
  ['c', '/* ( */ f( // (\n', false, ')'],
  ['c', 'R"x(a)" ( )x" f(', false, ')'],
  ['go', 'x := `\n(` + f(', false, ')'],
  ['go', 'x := `\n(', true, ''],
] as const)('%s: %s', (lexis, code, isInText, closers) => {
  const read = lex(code, lexis);
  expect(read.isInText).toBe(isInText);
  expect(read.open.join('')).toBe(closers);
});

test('closers are missing that the text behind does not have', () => {
  const missing = (before: string, after: string) => missingClosers(lex(before, 'c'), lex(after, 'c'));
  expect(missing('{ f((a.', ');\n}')).toBe(')');
  expect(missing('{ f((a.', '\n}')).toBe('))');
  expect(missing('{ f((a.', '));\n}')).toBe('');
  expect(missing('{ a.', '\n f(1); }')).toBe('');
});

test.each([
  ['a.', 'a'],
  ['x = a.b.', 'a.b'],
  ['return a(1, ")").b[2].', 'a(1, ")").b[2]'],
  ['f(x, "s".', '"s"'],
  ["f(rb'x'.", "rb'x'"],
  ['if not(a).', '(a)'],
  ['x = [1, 2].', '[1, 2]'],
  ['(a\n  .b()\n  .', 'a\n  .b()\n  '],
  ['await a().', 'a()'],
  ['-größe.', 'größe'],
  ['x = .', undefined],
  ['return .', undefined],
  ['a + ).', undefined],
])('the receiver of %s', (before, receiver) => {
  const start = receiverStart(before);
  expect(start === undefined ? undefined : before.slice(start, -1)).toBe(receiver);
});

test.each([
  ['import a.', true],
  ['    self.', true],
  ['    self.a, self.', true],
  ['for self.', true],
  ['with a as self.', true],
  ['x = self.', false],
  ['f(a, self.', false],
  ['f(a,\n  self.', false],
  ['    cart.', false],
  ['    if self.', false],
])('any name may stand behind %s: %s', (before, free) => {
  expect(isFree(before)).toBe(free);
});

test('the members of a union are those at its top', () => {
  expect(unionMembers('dict[str, int | Unknown] | (a: x | y) -> z')).toEqual([
    'dict[str, int | Unknown]',
    '(a: x | y) -> z',
  ]);
  expect(unionMembers('int | Unknown')).toEqual(['int', 'Unknown']);
});

test('words are what would be written, and only names', () => {
  const words = wordsOf([
    { label: ' fill(int a)', insertText: 'fill', filterText: 'fill', kind: 2 },
    { label: '•cached', insertText: 'cached', kind: 2 },
    {
      label: 'x',
      textEdit: {
        newText: 'written',
        range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
      },
    },
    { label: 'next.size', kind: 5 },
    { label: '~Cart()', insertText: '~Cart', kind: 2 },
    { label: 'operator bool() const', insertText: 'operator bool', kind: 3 },
    { label: 'add(String item) : void', kind: 2 },
    { label: 'if', kind: 14 },
    { label: 'for', kind: 15 },
    { label: 'text', kind: 1 },
    {
      label: 'imported',
      additionalTextEdits: [
        { newText: 'import x', range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } } },
      ],
    },
  ]);
  expect(words).toEqual(['fill', 'cached', 'written', 'next', '~Cart', 'operator', 'add']);
});

test.each([
  [
    'python',
    'member',
    ['a.', 'f(x).', 'v1.', 'x[0].', '"s".', '(a\n  .'],
    ['1.', '1.5.', '1e5.', 'from .', '...', 'return .', 'x = .'],
  ],
  [
    'python',
    'import',
    ['from a.b import ', 'from a import b as c, ', 'from a import (\n  ', 'from . import '],
    ['import ', 'from a import b '],
  ],
  [
    'cpp',
    'member',
    ['a.', 'p->', 'A::', 'std::vector<A>::', 'f()->', 'A::~'.slice(0, 3)],
    ['1.', 'namespace a::', ' ::', 'x - >'],
  ],
  ['go', 'member', ['a.', 'f().', '[]A{}.'], ['1.', '. ']],
])('%s: where %s is looked up', (languageId, kind, places, others) => {
  const at = (before: string) =>
    languageOf(languageId).triggers.some(
      (trigger) =>
        trigger.kind === kind && new RegExp(`(?:${trigger.pattern})$`, 'u').exec(before)?.[1] === '',
    );
  expect(places.filter((before) => !at(before))).toEqual([]);
  expect(others.filter(at)).toEqual([]);
});

test('clangd: lines of the preprocessor and definitions of members', () => {
  expect(isPreprocessor('a;\n  #define X(a) a.')).toBe(true);
  expect(isPreprocessor('#define X(a) \\\n  a.')).toBe(true);
  expect(isPreprocessor('#define X\na.')).toBe(false);
  expect(hidesPrivateNames('namespace x {\nvoid Cart::', ['Cart', 'add'])).toBe(true);
  expect(hidesPrivateNames('void Cart::add() {\n  Cart::', ['Cart', 'add'])).toBe(false);
  expect(hidesPrivateNames('void f(std::', ['string'])).toBe(false);
});
