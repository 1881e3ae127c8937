import { describe, expect, it } from 'vitest';
import type { StopReason } from '../../../../engine';
import { closeLine } from '../../../../server/completion/postprocess/closeLine';
import { cutAtDedent } from '../../../../server/completion/postprocess/cutAtDedent';
import { cutRepeatedLines } from '../../../../server/completion/postprocess/cutRepeatedLines';
import { filterPicture, type Given } from '../pictures';
import { loadedSyntax } from '../syntax/support';

describe('cutAtDedent', () => {
  const cut = (picture: string, languageId = 'python') =>
    filterPicture(picture, cutAtDedent, 'block', { languageId });

  it('ends before a line that is indented less than the scope of the caret', () => {
    expect(cut('def f():\n    ├a = 1\n    return a\ndef g():┤')).toBe('def f():\n    ├a = 1\n    return a┤');
    expect(cut('def f():\n    if a:├\n        b()\nc()┤')).toBe('def f():\n    if a:├\n        b()┤');
  });

  it('takes a line that closes with it, and no text for code', () => {
    expect(cut('  f(├a,\n)\nb()┤')).toBe('  f(├a,\n)┤');
    expect(cut('    a = ├"""b\nc\n"""\n    d┤')).toBe('    a = ├"""b\nc\n"""┤');
  });
});

describe('cutRepeatedLines', () => {
  const cut = (picture: string) => filterPicture(picture, cutRepeatedLines);

  it('ends before a line that is the one above it, also that above the caret', () => {
    expect(cut('├add(first);\nadd(first);\nadd(other);┤')).toBe('├add(first);┤');
    expect(cut('  add(first);\n  ├add(first);\n  add(other);┤')).toBe('  add(first);\n  ├┤');
    expect(cut('  add(first);\n  add├(first);┤')).toBe('  add(first);\n  add├┤');
    expect(cut('add(first);\n├add(other);\nadd(first);┤')).toBe('add(first);\n├add(other);\nadd(first);┤');
  });

  it('lets people repeat brackets and short lines', () => {
    expect(cut('├}\n}\n}┤')).toBe('├}\n}\n}┤');
    expect(cut('├0,\n0,\n0,┤')).toBe('├0,\n0,\n0,┤');
  });
});

describe('closeLine', () => {
  const close = (picture: string, stopReason: StopReason = 'line-end', given: Given = {}) =>
    filterPicture(picture, closeLine, 'line', { stopReason, ...given });
  const leaves = (languageId: string, text: string) =>
    expect(close(`├${text}┤`, 'line-end', { languageId })).toBe(`├${text}┤`);

  it('closes brackets that the line has opened', () => {
    expect(close('a = ├f(b, [c┤')).toBe('a = ├f(b, [c])┤');
    expect(close('f(├g(a┤')).toBe('f(├g(a)┤');
    expect(close('f(├a[1, g(b)┤')).toBe('f(├a[1, g(b)]┤');
    expect(close('f(├a[1)┤')).toBe('f(├a[1])┤');
    expect(close('├f("(", a)┤')).toBe('├f("(", a)┤');
  });

  it('leaves a line open that goes on below', () => {
    for (const text of ['f(', 'f(a,', 'f(a +', 'if (a) {', 'f(() =>', 'f(a and']) {
      expect(close(`├${text}┤\n`)).toBe(`├${text}┤\n`);
    }
  });

  it('leaves open what was cut off, or has text behind it', () => {
    expect(close('├f(a┤', 'low-confidence')).toBe('├f(a┤');
    expect(close('g(├f(a┤)')).toBe('g(├f(a┤)');
  });

  it('begins no string that does not end', () => {
    expect(close('a = ├b + "c┤')).toBe('a = ├b +┤');
    expect(close('a = "├b c┤')).toBe('a = "├b c┤');
    expect(close('a = ├`b┤')).toBe('a = ├`b┤');
  });

  it('takes an apostrophe behind a word for one', () => {
    for (const [languageId, text] of [
      ['python', "It doesn't raise."],
      ['python', "f(b'(', rb'[')"],
      ['yaml', "it's a value"],
      ['cpp', "f(1'000'000, L'(')"],
      ['julia', "A' * x"],
    ] as const)
      leaves(languageId, text);
    expect(close("├f(b'(', x┤", 'line-end', { languageId: 'python' })).toBe("├f(b'(', x)┤");
  });

  it('leaves languages alone whose strings it does not know', () => {
    for (const [languageId, text] of [
      ['clojure', "(conj xs 'foo"],
      ['haskell', "foldl' (+"],
      ['html', "<p>I don't know</p>"],
      ['system-verilog', "4'b1010; f("],
    ] as const)
      leaves(languageId, text);
  });

  it('knows comments of several lines and regular expressions by the tree, and does nothing about these without it', async () => {
    const syntax = await loadedSyntax('typescript', 'typescriptreact');
    const withTree = (picture: string, languageId = 'typescript') =>
      close(picture, 'line-end', { languageId, syntax });
    for (const text of [
      `s.replace(/"/g, '&quot;').replace(/</g, '&lt;');`,
      String.raw`s.split(/\(/);`,
      `s.test(/it's/)`,
    ]) {
      expect(withTree(`const a = ├${text}┤\n`)).toBe(`const a = ├${text}┤\n`);
      expect(close(`const a = ├${text}┤\n`)).toBe(`const a = ├${text}┤\n`);
    }
    expect(withTree('const a = ├f(/"(/, b┤\n')).toBe('const a = ├f(/"(/, b)┤\n');
    expect(withTree('const a = ├(b + c) / d(e┤\n')).toBe('const a = ├(b + c) / d(e)┤\n');
    const comment = "/**\n * ├The names (and 'kinds┤\n */\n";
    expect(withTree(comment)).toBe(comment);
    const element = "const a = (\n  <p>\n    ├You don't (yet┤\n  </p>\n);\n";
    expect(withTree(element, 'typescriptreact')).toBe(element);
  });
});
