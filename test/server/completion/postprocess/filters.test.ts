import { describe, expect, it } from 'vitest';
import type { StopReason } from '../../../../engine';
import { closeLine } from '../../../../server/completion/postprocess/closeLine';
import { cutAtDedent } from '../../../../server/completion/postprocess/cutAtDedent';
import { cutRepeatedLines } from '../../../../server/completion/postprocess/cutRepeatedLines';
import { filterPicture } from '../pictures';

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
  const close = (picture: string, stopReason: StopReason = 'line-end') =>
    filterPicture(picture, closeLine, 'line', { stopReason });

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
});
