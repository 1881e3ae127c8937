import { describe, expect, it } from 'vitest';
import { chooseMode } from '../../../server/completion/mode';
import { caretIn } from './pictures';

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
