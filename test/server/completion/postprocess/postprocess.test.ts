import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { postprocess } from '../../../../server/completion/postprocess';
import { caretIn, filterPicture } from '../pictures';

describe('postprocess', () => {
  it('keeps line mode to one line', () => {
    expect(filterPicture('a = ├1;\nb = 2;┤\n', postprocess, 'line')).toBe('a = ├1;┤\n');
  });

  it('drops what is blank', () => {
    expect(filterPicture('a = ├ \n\t\n┤\n')).toBe('a = ├┤\n');
  });

  it('trims white space at the end only', () => {
    expect(filterPicture('{├\n  a();  \n\n┤')).toBe('{├\n  a();┤');
    expect(filterPicture('call(├a, ┤)')).toBe('call(├a,┤)');
    expect(filterPicture('const ├total ┤= 0;')).toBe('const ├total ┤= 0;');
    expect(filterPicture('f(├a: A, b: B┤b: B)')).toBe('f(├a: A, ┤b: B)');
  });

  it("has the document's line ending", () => {
    const context = { ...caretIn('{\r\n  ║\r\n}\r\n'), mode: 'block' as const };
    expect(postprocess('a();\n  b();', context)).toBe('a();\r\n  b();');
  });

  it('only ever shortens, and a second run changes nothing', () => {
    const source = fc.stringMatching(/^[ab(){}"';,\n ]{0,60}$/);
    fc.assert(
      fc.property(source, source, source, fc.constantFrom('line', 'block'), (before, text, after, mode) => {
        const context = { ...caretIn(`${before}║${after}`), mode: mode as 'line' | 'block' };
        const once = postprocess(text, context);
        expect(text.startsWith(once)).toBe(true);
        const twice = postprocess(once, context);
        expect(once.startsWith(twice)).toBe(true);
      }),
    );
  });
});
