import fc from 'fast-check';
import { expect, it } from 'vitest';
import { scopeAt } from '../../../server/documents/scope';

/** The caret is `║`, and `§` stands for a dollar, which our linter would take for a mistake. */
function scope(drawn: string, languageId: string): string {
  const picture = drawn.replaceAll('§', '$');
  const caret = picture.indexOf('║');
  return scopeAt(picture.replace('║', ''), caret, languageId);
}

it.each([
  ['typescript', 'const a = 1; // so║ it is', 'comment'],
  ['typescript', 'const a = 1; // so it is║', 'comment'],
  ['typescript', 'const a = 1; // so it is\n║', 'code'],
  ['typescript', 'const a = ║1; // so', 'code'],
  ['typescript', '/* one\n * tw║o */ a', 'comment'],
  ['typescript', '/* one */ a║', 'code'],
  ['typescript', '/* one */║', 'code'],
  ['typescript', "f('on║e')", 'string'],
  ['typescript', "f('one║", 'string'],
  ['typescript', "f('one'║)", 'code'],
  ['typescript', "f(║'one')", 'code'],
  ['typescript', "f('it\\'s ║')", 'string'],
  ['typescript', "f('\\\\'); g║()", 'code'],
  ['typescript', "f('unfinished\n║", 'code'],
  ['typescript', 'f(`one ║', 'string'],
  ['typescript', 'f(`one\n║`)', 'string'],
  ['typescript', 'f(`one §{tw║o} three`)', 'code'],
  ['typescript', 'f(`one §{two} th║ree`)', 'string'],
  ['typescript', 'f(`one §{{ a: { b: 1 } }} th║ree`)', 'string'],
  ['typescript', 'f(`one §{`in§{1}ner ║`} th`)', 'string'],
  ['typescript', 'f(`one §{`in§{1}ner`} th`)║', 'code'],
  ['typescript', 'const a = /[\'"`]/; b║', 'code'],
  ['typescript', "const a = b / c; f('║')", 'string'],
  ['typescript', "const a = 'http://║'", 'string'],
  ['typescriptreact', "<p>don't</p>\n║", 'code'],
  ['javascript', 'const a = /[/*]/; b║', 'code'],
  ['python', '# no║te', 'comment'],
  ['python', 'a = """one\n"two" ║', 'string'],
  ['python', 'a = """one"""\n║', 'code'],
  ['python', "a = 'it' # ║", 'comment'],
  ['python', "a = '#'; b║", 'code'],
  ['rust', "let a: &'static str = b║", 'code'],
  ['rust', "let a = '\"'; b║", 'code'],
  ['rust', 'let a = "on\n║"', 'string'],
  ['go', 'a := `raw \\║', 'string'],
  ['go', 'a := `raw \\`║', 'code'],
  ['shellscript', 'echo $# ║', 'code'],
  ['shellscript', 'echo # ║', 'comment'],
  ['shellscript', "echo it\\'s ║", 'code'],
  ['yaml', 'a: b#c ║', 'code'],
  ['lua', '--[[ one\n two ║ ]]', 'comment'],
  ['sql', '-- ║', 'comment'],
  ['html', '<!-- ║ -->', 'comment'],
  ['brainfuck', '// ║', 'code'],
])('in %s: %s is %s', (languageId, picture, expected) => {
  expect(scope(picture, languageId)).toBe(expected);
});

it('ends at every place of every text', () => {
  const text = fc.string({ unit: fc.constantFrom('$', ...'`\'"/*#{}\\\n ab[-'), maxLength: 60 });
  const language = fc.constantFrom('typescript', 'python', 'shellscript', 'rust', 'lua', 'html');
  fc.assert(
    fc.property(text, fc.nat(60), language, (content, offset, languageId) => {
      const at = Math.min(offset, content.length);
      expect(['code', 'comment', 'string']).toContain(scopeAt(content, at, languageId));
    }),
  );
});
