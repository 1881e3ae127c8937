import { beforeAll, describe, expect, it } from 'vitest';
import { createSyntax, type Syntax } from '../../../../server/completion/syntax';
import { caretIn } from '../pictures';
import { fail, grammarFile, loadedSyntax } from './support';

let syntax: Syntax;
beforeAll(async () => {
  syntax = await loadedSyntax('typescript', 'typescriptreact', 'python', 'go', 'rust', 'java', 'css', 'json');
});

const placeIn = (picture: string, languageId = 'typescript') =>
  syntax.at('file:///a', languageId, caretIn(picture, languageId))?.place();

describe('the place of a caret', () => {
  it('is the body of whatever has one', () => {
    for (const picture of [
      'class A {\n  m() {║',
      'if (a) {\n  b();\n  ║\n}',
      'switch (a) {\n  case 1:║',
      '║',
      'interface A {\n  ║\n}',
    ]) {
      expect(placeIn(picture), picture).toBe('body');
    }
    expect(placeIn('def f(a: int) -> int:║', 'python')).toBe('body');
    expect(placeIn('func f() {║', 'go')).toBe('body');
    expect(placeIn('fn f() {\n    ║', 'rust')).toBe('body');
    expect(placeIn('class A {\n  void f() {║', 'java')).toBe('body');
  });

  it('is an expression or a type within a statement', () => {
    expect(placeIn('const f = () =>║')).toBe('expression');
    expect(placeIn('type F = () =>║')).toBe('type');
    expect(placeIn('let f: (a: A) =>║')).toBe('type');
    expect(placeIn('call({ a:║')).toBe('expression');
    expect(placeIn('x = {"a":║', 'python')).toBe('expression');
    expect(placeIn('x[a:║', 'python')).toBe('expression');
  });

  it('is text where code means nothing', () => {
    expect(placeIn('/*\n * (║\n */')).toBe('comment');
    expect(placeIn('const a = `\n  {║\n`')).toBe('string');
    expect(placeIn('def f():\n    """Says:║', 'python')).toBe('string');
    expect(placeIn('const a = /[`]/;\nf() {║')).not.toBe('string');
  });
});

describe('a text that is written at the caret', () => {
  const statements = (picture: string, text: string, languageId = 'typescript') =>
    syntax
      .at('file:///a', languageId, caretIn(picture, languageId))
      ?.written(text, (written) => written.statements.map(({ start, end }) => text.slice(start, end)));

  it('has statements, wherever the caret is', () => {
    expect(statements('class A {\n  m() {\n    if (a) {\n      ║', 'b();\n      c(d, {\n')).toEqual([
      'b();',
      'c(d, {\n',
    ]);
    expect(statements('function f() {║', '\n  return 1;\n}\nfunction g() {}')).toEqual(['return 1;']);
    expect(statements('f();\n║', '{\n  a();\n}\nb();')).toEqual(['{\n  a();\n}', 'b();']);
    expect(statements('def f():\n    ║', 'a = 1\n    return a', 'python')).toEqual(['a = 1', 'return a']);
  });

  it('is unknown while the tree is not there in time, and known a little later', async () => {
    const hasty = createSyntax(grammarFile, fail, 0);
    await hasty.load('typescript');
    const line = 'function f(a: number) {\n  return a + /[{]/.source;\n}\n';
    const ask = () => hasty.at('file:///long', 'typescript', caretIn(`${line.repeat(400)}f(║`));
    expect(ask()?.opaque()).toBeUndefined();
    await expect.poll(() => ask()?.opaque()).toBeDefined();
    expect(ask()?.start).toBeGreaterThan(0);
    expect(ask()?.place()).toBeUndefined();
  });
});

it('says why a grammar is not there, once, and goes on without', async () => {
  const lines: string[] = [];
  const missing = createSyntax(
    (file) => (file.includes('python') ? '/nowhere' : grammarFile(file)),
    (line) => lines.push(line),
  );
  await missing.load('python');
  await missing.load('python');
  expect(missing.at('file:///a', 'python', caretIn('║'))).toBeUndefined();
  expect(lines).toEqual([expect.stringContaining('tree-sitter-python')]);
  expect(missing.at('file:///a', 'cobol', caretIn('║'))).toBeUndefined();
});
