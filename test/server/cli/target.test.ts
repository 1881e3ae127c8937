import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../../server/cli/target';

describe('parseTarget', () => {
  it('reads file, line and column', () => {
    expect(parseTarget('src/a.ts:3:7')).toEqual({ file: 'src/a.ts', line: 3, column: 7 });
  });

  it('takes the last two colons', () => {
    expect(parseTarget('C:\\code\\a.ts:3:7').file).toBe('C:\\code\\a.ts');
    expect(parseTarget('a:1:2:3:4')).toEqual({ file: 'a:1:2', line: 3, column: 4 });
  });

  it('refuses the rest', () => {
    for (const text of ['', 'a.ts', 'a.ts:3', ':3:7', 'a.ts:0:1', 'a.ts:1:0', 'a.ts:1:x', 'a.ts:-1:2']) {
      expect(() => parseTarget(text), text).toThrow('counted from 1');
    }
  });
});
