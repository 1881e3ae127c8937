import { describe, expect, it } from 'vitest';
import { trimSuffixOverlap } from '../../../../server/completion/postprocess/trimSuffixOverlap';
import { filterPicture } from '../pictures';

const filter = (picture: string) => filterPicture(picture, trimSuffixOverlap);

describe('trimSuffixOverlap', () => {
  it('removes the words that follow the caret', () => {
    expect(filter('function f(├a: string, b: number┤b: number) {')).toBe(
      'function f(├a: string, ┤b: number) {',
    );
    expect(filter('const ├total = 0;┤ = 0;')).toBe('const ├total┤ = 0;');
  });

  it('removes the end of the word in which the caret stands', () => {
    expect(filter('get├UserValue();┤Value();')).toBe('get├User┤Value();');
    expect(filter('this.user├FirstName┤Name;')).toBe('this.user├First┤Name;');
  });

  it('removes the sign that ends the statement', () => {
    expect(filter('return ├a;┤;')).toBe('return ├a┤;');
  });

  it('keeps a word whose last letters the next word happens to begin with', () => {
    expect(filter('├const ┤total = 0;')).toBe('├const ┤total = 0;');
    expect(filter('return ├this.items┤s;')).toBe('return ├this.items┤s;');
  });

  it('keeps a bracket that the completion needs', () => {
    expect(filter('call(├f(x)┤)')).toBe('call(├f(x)┤)');
  });

  it('keeps the end of a call that ends like the one around it', () => {
    expect(filter('Math.max(├Math.min(x, 0)┤, 0);')).toBe('Math.max(├Math.min(x, 0)┤, 0);');
    expect(filter('[├[x, null]┤, null]')).toBe('[├[x, null]┤, null]');
    expect(filter('f(├g(x), null┤, null)')).toBe('f(├g(x)┤, null)');
    expect(filter('print(├str(x┤x)')).toBe('print(├str(┤x)');
  });

  it('does nothing at the end of a line', () => {
    expect(filter('return ├a;┤\n;')).toBe('return ├a;┤\n;');
  });
});
