import { describe, expect, it } from 'vitest';
import { undoes } from '../../../server/completion/undone';

describe('undoes', () => {
  it('is true of what the user has just deleted', () => {
    expect(undoes('total;', 'total;')).toBe(true);
    expect(undoes('b();\nc();', 'b();')).toBe(true);
    expect(undoes('b();', '  b();\n  c();\n')).toBe(true);
    expect(undoes('x', 'x')).toBe(true);
  });

  it('is false of what is different', () => {
    expect(undoes('total + 1;', 'sum;')).toBe(false);
    expect(undoes('xyz', 'x')).toBe(false);
    expect(undoes('b', '\n')).toBe(false);
  });
});
