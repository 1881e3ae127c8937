import { describe, expect, it } from 'vitest';
import type { CompletionPlace } from '../../../../server/cli/eval/places';
import { violations } from '../../../../server/cli/eval/violations';

/** `├ ┤` encloses what stands in the file. */
function judge(picture: string, text: string, language = 'typescript') {
  const [, before = '', truth = '', after = ''] = /^(.*)├(.*)┤(.*)$/s.exec(picture) ?? [];
  const place: CompletionPlace = { file: 'a', language, shape: 'line', before, truth, after };
  return violations(place, text);
}

describe('violations', () => {
  it('are none in what stands in the file', () => {
    for (const picture of ['f(├a┤);\n', 'f() {\n  ├a();\n  b();┤\n}\n', 'a = ├[\n  1,\n]┤;\n']) {
      const truth = /├(.*)┤/s.exec(picture)?.[1] ?? '';
      expect(judge(picture, truth), picture).toEqual([]);
    }
  });

  it('are brackets and quotes that are there already', () => {
    expect(judge('f(├a┤);\n', 'b)')).toEqual(['doubled bracket']);
    expect(judge('f() {\n  ├a();┤\n}\n', 'b();\n}')).toEqual(['doubled bracket']);
    expect(judge('f(├a┤);\n', '")"')).toEqual([]);
    expect(judge("f('├a┤');\n", "b'")).toEqual(['doubled quote']);
  });

  it('are the rest of the line and the lines below once more', () => {
    expect(judge('a = ├1┤ + total;\n', '2 + total;')).toEqual(['repeated suffix']);
    expect(judge('f() {\n  ├a();┤\n  b();\n}\n', 'c();\n  b();')).toEqual(['repeated suffix']);
  });

  it('are indentation of another depth or with other characters', () => {
    expect(judge('f() {\n  ├a();┤\n}\n', '  b();')).toEqual(['indentation']);
    expect(judge('f() {\n  if (a) {├\n    b();┤\n  }\n}\n', '\n   c();')).toEqual(['indentation']);
    expect(judge('f() {\n  ├a();┤\n}\n', 'if (a)\n\t\tb();')).toEqual(['indentation']);
    expect(judge('f() {\n\t├a();┤\n}\n', 'if (a)\n    b();')).toEqual(['indentation']);
  });

  it('are brackets of one line that stay open', () => {
    expect(judge('├f(a);┤\n', 'f(b')).toEqual(['left open']);
    expect(judge('├f(a);┤\n', 'f(b,')).toEqual([]);
  });
});
