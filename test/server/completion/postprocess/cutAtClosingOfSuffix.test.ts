import { describe, expect, it } from 'vitest';
import { cutAtClosingOfSuffix } from '../../../../server/completion/postprocess/cutAtClosingOfSuffix';
import { filterPicture } from '../pictures';

const filter = (picture: string) => filterPicture(picture, cutAtClosingOfSuffix);

describe('cutAtClosingOfSuffix', () => {
  it('leaves the closing bracket to the one after the caret', () => {
    expect(filter('call(├a, b);┤)')).toBe('call(├a, b┤)');
    expect(filter('list[├index]┤]')).toBe('list[├index┤]');
    expect(filter('new Map<├string, number>();┤>')).toBe('new Map<├string, number┤>');
  });

  it('keeps brackets that the completion has opened itself', () => {
    expect(filter('call(├first(a)┤)')).toBe('call(├first(a)┤)');
    expect(filter('call(├(a) => a + 1)┤)')).toBe('call(├(a) => a + 1┤)');
    expect(filter('let f: Box<├dyn Fn(i32) -> i32>┤>;')).toBe('let f: Box<├dyn Fn(i32) -> i32┤>;');
  });

  it('does not count brackets inside strings', () => {
    expect(filter("call(├')', b)┤)")).toBe("call(├')', b┤)");
  });

  it('leaves the end of the statement to the suffix', () => {
    expect(filter('call(├first(a);┤);')).toBe('call(├first(a)┤);');
    expect(filter('if (├isFirst(a)) {┤) {')).toBe('if (├isFirst(a)┤) {');
  });

  it('ends a string where the quote after the caret ends it', () => {
    expect(filter("import fs from '├node:fs';┤'")).toBe("import fs from '├node:fs┤'");
    expect(filter("say('├it\\'s', 1┤')")).toBe("say('├it\\'s┤')");
  });

  it('does not take a quote that opens a string for one that closes it', () => {
    expect(filter("call(├'a', ┤'")).toBe("call(├'a', ┤'");
  });

  it('touches nothing where words follow the caret', () => {
    expect(filter('call(├a)┤, b)')).toBe('call(├a)┤, b)');
  });

  it('leaves the second half of a pair alone, whatever stands behind it', () => {
    expect(filter('/** @type {├const} */ (┤} */ ([')).toBe('/** @type {├const┤} */ ([');
    expect(filter('f(├a) + b┤) + g(c);')).toBe('f(├a┤) + g(c);');
  });

  it('ends a string with its quote, whatever stands behind that', () => {
    expect(filter("f('├a', 'b┤', c)")).toBe("f('├a┤', c)");
  });
});
