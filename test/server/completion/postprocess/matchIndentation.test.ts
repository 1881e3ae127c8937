import { describe, expect, it } from 'vitest';
import { matchIndentation } from '../../../../server/completion/postprocess/matchIndentation';
import { filterPicture } from '../pictures';

const match = (picture: string) => filterPicture(picture, matchIndentation);

describe('matchIndentation', () => {
  it('indents with what the file is indented with', () => {
    expect(match('f() {\n\ta();\n\t├if (b) {\n    c();\n\t}┤\n}')).toBe(
      'f() {\n\ta();\n\t├if (b) {\n\tc();\n\t}┤\n}',
    );
    expect(match('f() {\n  a();\n  ├if (b) {\n\t\tc();\n  }┤\n}')).toBe(
      'f() {\n  a();\n  ├if (b) {\n    c();\n  }┤\n}',
    );
    expect(match('f() {\n    a();\n}\n├g() {\n\tb();\n}┤')).toBe('f() {\n    a();\n}\n├g() {\n    b();\n}┤');
    expect(match('f() {\n\ta();\n}\n├g() {\n  if (b) {\n    c();\n  }\n}┤')).toBe(
      'f() {\n\ta();\n}\n├g() {\n\tif (b) {\n\t\tc();\n\t}\n}┤',
    );
  });

  it('leaves the tabs of a makefile, whatever else is indented there', () => {
    const picture = 'SRCS = a.c \\\n  b.c \\\n  c.c\n\nall: $(SRCS)\n├\tgcc -o all $(SRCS)┤\n';
    expect(filterPicture(picture, matchIndentation, 'block', { languageId: 'makefile' })).toBe(picture);
  });

  it('has no half levels', () => {
    expect(match('f() {\n    a();\n}\ng() {├\n  if (b) {\n    c();\n  }\n}┤')).toBe(
      'f() {\n    a();\n}\ng() {├\n    if (b) {\n        c();\n    }\n}┤',
    );
  });

  it('leaves texts of several lines and the alignment of comments alone', () => {
    expect(match('\tf();\n├`\n  a`┤')).toBe('\tf();\n├`\n  a`┤');
    expect(match('\tf();\n├/**\n * a\n */┤')).toBe('\tf();\n├/**\n * a\n */┤');
  });

  it('begins where the block does', () => {
    expect(match('f() {\n  a();\n  ├  b();┤')).toBe('f() {\n  a();\n  ├b();┤');
    expect(match('f() {\n  ├  b();\n    c();┤\n}')).toBe('f() {\n  ├b();\n  c();┤\n}');
    expect(match('f() {\n  if (a) {\n  ├  b();┤')).toBe('f() {\n  if (a) {\n  ├  b();┤');
    expect(match('    for a in b:\n        c()\n    ├    d()┤')).toBe(
      '    for a in b:\n        c()\n    ├d()┤',
    );
  });

  it('leaves to the model what the caret does not tell', () => {
    expect(match('def f():\n    a\n├    b┤')).toBe('def f():\n    a\n├    b┤');
    expect(match('  a\n  ├  .b()┤')).toBe('  a\n  ├  .b()┤');
    expect(match('  a = ├  b┤')).toBe('  a = ├  b┤');
  });
});
