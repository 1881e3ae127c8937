import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleLines } from '../../../../server/cli/eval/samples';

let folder: string;
const unexpected = (message: string) => {
  throw new Error(message);
};
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
    const lines = sampleLines(folder, 10, 1, unexpected);
    expect(lines).toHaveLength(10);
    expect(sampleLines(folder, 10, 1, unexpected)).toEqual(lines);
    expect(sampleLines(folder, 10, 2, unexpected)).not.toEqual(lines);
  });

  it('takes out the rest of a line of code and nothing else', () => {
    for (const { before, rest, after, language } of sampleLines(folder, 60, 3, unexpected)) {
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

  it('draws only from files that may be read', () => {
    const lines = sampleLines(folder, 10, 1, unexpected, (file) => !file.endsWith('.ts'));
    expect(lines.map(({ language }) => language)).toEqual(Array(10).fill('python'));
    expect(sampleLines(folder, 10, 1, unexpected, () => false)).toEqual([]);
  });

  it('skips a subfolder that cannot be read, and says which', () => {
    const lines = sampleLines(folder, 10, 1, unexpected);
    // Longer than any path may be, which stops the root user as well.
    const deep = (at: string) => path.join(at, ...Array.from({ length: 12 }, () => 'x'.repeat(200)));
    const inner = path.join(folder, 'inner');
    for (const outer of [inner, path.join(folder, 'deep')]) mkdirSync(deep(outer), { recursive: true });
    const hidden = path.join(deep(path.join(folder, 'deep')), 'inner');
    renameSync(inner, hidden);
    const notes: string[] = [];
    expect(sampleLines(folder, 10, 1, (note) => notes.push(note))).toEqual(lines);
    // Where it can be removed.
    renameSync(hidden, inner);
    expect(notes).toEqual([expect.stringMatching(/^Skipped .*deep.* cannot be read: .*\.$/)]);
  });

  it('says when there is no such folder', () => {
    expect(() => sampleLines(path.join(folder, 'no'), 1, 1, unexpected)).toThrow('no such file');
  });
});
