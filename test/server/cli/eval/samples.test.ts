import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleLines } from '../../../../server/cli/eval/samples';

let folder: string;
const code = Array.from({ length: 60 }, (_, i) =>
  i % 3 === 0 ? '// a comment about what follows' : `  const value${i} = compute${i}(first, second);`,
).join('\n');

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipstream-samples-'));
  mkdirSync(path.join(folder, 'node_modules'));
  writeFileSync(path.join(folder, 'a.ts'), code);
  writeFileSync(path.join(folder, 'b.py'), code.replaceAll('//', '#').replaceAll('\n', '\r\n'));
  writeFileSync(path.join(folder, 'node_modules', 'c.ts'), code);
  writeFileSync(path.join(folder, 'd.min.js'), code);
  writeFileSync(path.join(folder, 'e.js'), `var a=1;${'b();'.repeat(5000)}\n`.repeat(20));
  writeFileSync(path.join(folder, 'f.ts'), `${code}\0`);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('sampleLines', () => {
  it('draws the same lines for the same seed, and others for another', () => {
    const lines = sampleLines(folder, 10, 1);
    expect(lines).toHaveLength(10);
    expect(sampleLines(folder, 10, 1)).toEqual(lines);
    expect(sampleLines(folder, 10, 2)).not.toEqual(lines);
  });

  it('takes out the rest of a line of code and nothing else', () => {
    for (const { before, rest, after, language } of sampleLines(folder, 60, 3)) {
      const whole = language === 'python' ? code.replaceAll('//', '#') : code;
      expect(before + rest + after).toBe(whole);
      expect(after.startsWith('\n')).toBe(true);
      expect(rest).not.toContain('\n');
      expect(rest.length).toBeGreaterThanOrEqual(3);
      const linePrefix = before.slice(before.lastIndexOf('\n') + 1);
      expect(linePrefix.trim().length).toBeGreaterThanOrEqual(2);
      expect(linePrefix).not.toMatch(/^\s*(\/\/|#)/);
    }
  });

  it('says when there is no such folder', () => {
    expect(() => sampleLines(path.join(folder, 'no'), 1, 1)).toThrow('no such file');
  });
});
