import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { postprocess } from '../../../../server/completion/postprocess';
import { contextIn, filterPicture } from '../pictures';

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

  it('leaves the closing bracket of an empty body a line of its own', () => {
    expect(filterPicture('  f() {├\n    a();\n  }┤}')).toBe('  f() {├\n    a();\n  ┤}');
    expect(filterPicture('f = () => {├ a(); ┤};', postprocess, 'line')).toBe('f = () => {├ a(); ┤};');
    expect(filterPicture('f(├a, b┤)', postprocess, 'line')).toBe('f(├a, b┤)');
  });

  it("has the document's line ending", () => {
    const context = contextIn('{\r\n  ║\r\n}\r\n');
    expect(postprocess('a();\n  b();', context)).toBe('a();\r\n  b();');
  });

  it('only ever shortens, white space and closing brackets aside, and a second run adds nothing', () => {
    const source = fc.stringMatching(/^[ab(){}"';,\n ]{0,60}$/);
    const signs = (text: string) => text.replace(/\s/g, '');
    fc.assert(
      fc.property(source, source, source, fc.constantFrom('line', 'block'), (before, text, after, mode) => {
        const context = contextIn(`${before}║${after}`, { mode: mode as 'line' | 'block' });
        const once = postprocess(text, context);
        const words = (written: string) => signs(written).replace(/[)\]}]/g, '');
        expect(words(text).startsWith(words(once))).toBe(true);
        const twice = postprocess(once, context);
        expect(signs(twice).length).toBeLessThanOrEqual(signs(once).length);
      }),
      { numRuns: 1000 },
    );
  });
});
