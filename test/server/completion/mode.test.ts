import { beforeAll, describe, expect, it } from 'vitest';
import { chooseMode } from '../../../server/completion/mode';
import type { Syntax } from '../../../server/completion/syntax';
import { caretIn } from './pictures';
import { loadedSyntax } from './syntax/support';

const mode = (picture: string, languageId = 'typescript') =>
  chooseMode(caretIn(picture, languageId), languageId, 'auto');

describe('chooseMode', () => {
  it('completes a block where one begins', () => {
    for (const picture of ['f() {║', 'x = [║\n', 'call(║', 'const f = () =>║', 'a;\n  ║\nb;', '║']) {
      expect(mode(picture), picture).toBe('block');
    }
  });

  it('completes a line elsewhere', () => {
    for (const picture of ['const a = ║', 'call(║)', '║ foo', '// then {║', 'f();║\n', 'a.║']) {
      expect(mode(picture), picture).toBe('line');
    }
  });

  it('takes a colon for the start of a block only where it is one', () => {
    expect(mode('def f(a):║', 'python')).toBe('block');
    expect(mode('let a:║')).toBe('line');
  });

  it('never completes more than a line if that is the setting', () => {
    expect(chooseMode(caretIn('f() {║'), 'typescript', 'never')).toBe('line');
  });
});

describe('chooseMode with a syntax tree', () => {
  let syntax: Syntax;
  beforeAll(async () => {
    syntax = await loadedSyntax('typescript', 'python');
  });

  const modeByTree = (picture: string, languageId = 'typescript') => {
    const caret = caretIn(picture, languageId);
    return chooseMode(caret, languageId, 'auto', syntax.at('file:///a', languageId, caret));
  };

  it('completes a block where statements may begin', () => {
    for (const picture of [
      'switch (a) {\n  case 1:║\n}',
      'const f = () =>║',
      'f() {\n  ║\n}',
      'call(║',
      'f({║',
    ]) {
      expect(modeByTree(picture), picture).toBe('block');
    }
    expect(modeByTree('class A:\n    def f(a: int) -> int:║', 'python')).toBe('block');
  });

  it('completes a line where a type, a value or text is written', () => {
    for (const picture of ['type F = () =>║', 'call({ a:║', '/*\n  f() {║\n*/', 'a = `\n║\n`']) {
      expect(modeByTree(picture), picture).toBe('line');
    }
    expect(modeByTree('x = {"a":║', 'python')).toBe('line');
    expect(modeByTree('def f(a:║', 'python')).toBe('line');
  });

  it('completes a block in an empty body whose bracket the editor has closed', () => {
    expect(modeByTree('function f() {║}')).toBe('block');
    expect(modeByTree('call(() => {║});')).toBe('block');
    expect(modeByTree('import {║} from "a";')).toBe('line');
    expect(modeByTree('a = {║};')).toBe('line');
  });
});
