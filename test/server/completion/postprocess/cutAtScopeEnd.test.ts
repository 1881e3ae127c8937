import { beforeAll, describe, expect, it } from 'vitest';
import { cutAtScopeEnd } from '../../../../server/completion/postprocess/cutAtScopeEnd';
import type { Syntax } from '../../../../server/completion/syntax';
import { filterPicture } from '../pictures';
import { loadedSyntax } from '../syntax/support';

let syntax: Syntax;
beforeAll(async () => {
  syntax = await loadedSyntax('typescript');
});

/** With the tree and without: brackets are told in both ways. */
const cut = (picture: string, languageId = 'typescript') => {
  const withTree = filterPicture(picture, cutAtScopeEnd, 'block', { languageId, syntax });
  const without = filterPicture(picture, cutAtScopeEnd, 'block', { languageId });
  expect(without, 'without a tree').toBe(withTree);
  return withTree;
};

describe('cutAtScopeEnd', () => {
  it('ends before a bracket that the suffix holds', () => {
    expect(cut('f() {\n  ├a();\n}\n\ng() {┤\n}\n')).toBe('f() {\n  ├a();┤\n}\n');
    expect(cut('a({\n  b: [\n    ├1,\n  ],\n});┤\n  ],\n});')).toBe('a({\n  b: [\n    ├1,┤\n  ],\n});');
    expect(cut('a(├b(c))┤).d')).toBe('a(├b(c)┤).d');
  });

  it('keeps a bracket that nobody else closes, and ends behind it', () => {
    expect(cut('f() {├\n  a();\n}\n\ng() {┤')).toBe('f() {├\n  a();\n}┤');
    expect(cut('a(() => {├\n  b();\n});\nc();┤')).toBe('a(() => {├\n  b();\n});┤');
    // The bracket below is that of the outer block.
    expect(cut('f() {\n  if (a) {├\n    b();\n  }┤\n}')).toBe('f() {\n  if (a) {├\n    b();\n  }┤\n}');
  });

  it('goes on where the statement does', () => {
    expect(cut('if (a) {├\n  b();\n} else {\n  c();\n}┤')).toBe('if (a) {├\n  b();\n} else {\n  c();\n}┤');
    expect(cut('a\n  .map(() => {├\n    b();\n  })\n  .c();┤')).toBe(
      'a\n  .map(() => {├\n    b();\n  })\n  .c();┤',
    );
  });

  it('counts no bracket that is text', () => {
    expect(cut('f() {\n  ├a = "}";\n  // )\n  b = `}`;┤\n}')).toBe(
      'f() {\n  ├a = "}";\n  // )\n  b = `}`;┤\n}',
    );
    expect(cut("g('$(a├)', b);┤\n")).toBe("g('$(a├)', b);┤\n");
    expect(cut('f("{"├, a)┤)')).toBe('f("{"├, a┤)');
    expect(cut('a) first\n├b) second┤\n', 'markdown')).toBe('a) first\n├b) second┤\n');
  });

  it('drops what closes nothing, where the tree has seen all that is before', () => {
    const given = { languageId: 'typescript', syntax };
    expect(filterPicture('f(a);\n├b);┤\n', cutAtScopeEnd, 'block', given)).toBe('f(a);\n├b┤\n');
    expect(filterPicture('/[{]/;\n├}┤\n', cutAtScopeEnd, 'block', given)).toBe('/[{]/;\n├┤\n');
  });
});
