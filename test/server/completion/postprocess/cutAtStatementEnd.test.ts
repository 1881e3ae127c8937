import { beforeAll, describe, expect, it } from 'vitest';
import type { StopReason } from '../../../../engine';
import { cutAtStatementEnd } from '../../../../server/completion/postprocess/cutAtStatementEnd';
import type { Syntax } from '../../../../server/completion/syntax';
import { filterPicture } from '../pictures';
import { loadedSyntax } from '../syntax/support';

let syntax: Syntax;
beforeAll(async () => {
  syntax = await loadedSyntax('typescript', 'python');
});

const cut = (picture: string, stopReason: StopReason = 'scope-left', languageId = 'typescript') =>
  filterPicture(picture, cutAtStatementEnd, 'block', { syntax, languageId, stopReason });

describe('cutAtStatementEnd', () => {
  it('ends with the first statement that takes several lines', () => {
    expect(cut('├const a = 1;\nif (a) {\n  b();\n} // c\nd();┤')).toBe(
      '├const a = 1;\nif (a) {\n  b();\n} // c┤',
    );
    expect(cut('class A {\n  ├f() {\n    a();\n  }\n  g() {}┤\n}')).toBe(
      'class A {\n  ├f() {\n    a();\n  }┤\n}',
    );
    const python = 'def f():\n    ├for a in b:\n        c(a)\n    return d┤';
    expect(cut(python, 'scope-left', 'python')).toBe('def f():\n    ├for a in b:\n        c(a)┤');
  });

  it('keeps statements of one line together', () => {
    expect(cut('function f() {\n  ├a();\n  b();\n  c();┤\n}')).toBe(
      'function f() {\n  ├a();\n  b();\n  c();┤\n}',
    );
  });

  it('leaves out the statement in which a text was cut off', () => {
    for (const reason of ['low-confidence', 'deadline', 'max-tokens'] as const) {
      expect(cut('function f() {\n  ├a();\n  const b = ┤\n}', reason)).toBe('function f() {\n  ├a();┤\n}');
      expect(cut('function f() {├\n  for (const a of b) {\n    c(a);\n    d(┤\n}', reason)).toBe(
        'function f() {├\n  for (const a of b) {\n    c(a);┤\n}',
      );
      expect(cut('function f() {├\n  if (a) {\n    b.┤\n}', reason)).toBe('function f() {├\n  if (a) {┤\n}');
    }
    expect(cut('def f():\n    ├a = 1\n    return b(┤', 'deadline', 'python')).toBe('def f():\n    ├a = 1┤');
  });

  it('keeps what was cut off where there is nothing else', () => {
    expect(cut('const a = ├b +\n  c.┤', 'deadline')).toBe('const a = ├b +\n  c.┤');
    expect(cut('├a();\nb┤', 'end-token')).toBe('├a();\nb┤');
  });
});
