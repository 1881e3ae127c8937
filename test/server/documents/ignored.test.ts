import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIgnoredFiles, type IgnoredFiles } from '../../../server/documents/ignored';

let folder: string;
let ignored: IgnoredFiles;
let time: number;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipstream-ignored-'));
  time = 0;
  ignored = createIgnoredFiles(
    () => [folder],
    () => time,
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}
const isIgnored = (name: string) => ignored.isIgnored(path.join(folder, name));

describe('in a repository', () => {
  const names = [
    'a.ts',
    'a.log',
    'src/a.log',
    'out/a.ts',
    'out/keep.ts',
    'src/out/a.ts',
    'src/generated/a.ts',
    'src/generated/keep.ts',
    'src/keep.log',
    'private/a.ts',
    'src/deep/x.tmp',
    'src/deep/y.tmp',
    'with space/a.ts',
  ];

  it('says what git says', () => {
    execFileSync('git', ['init', '-q'], { cwd: folder });
    write('.gitignore', '*.log\n/out/\n!out/keep.ts\nsrc/generated/*\n!src/generated/keep.ts\n# a comment\n');
    write('src/.gitignore', '!keep.log\n*.tmp\n');
    write('src/deep/.gitignore', '!y.tmp\n');
    write('.git/info/exclude', 'private\n');
    for (const name of names) write(name, '');
    const said = execFileSync('git', ['check-ignore', '--stdin'], {
      cwd: folder,
      input: names.join('\n'),
      encoding: 'utf8',
    });
    expect(names.filter(isIgnored)).toEqual(said.trim().split('\n'));
  });

  it('leaves out what no repository takes in', () => {
    mkdirSync(path.join(folder, '.git'));
    expect(['node_modules/a/b.js', '.git/config', 'a.js'].map(isIgnored)).toEqual([true, true, false]);
  });

  it('sees a changed file after a while', () => {
    mkdirSync(path.join(folder, '.git'));
    expect(isIgnored('a.ts')).toBe(false);
    write('.gitignore', 'a.ts');
    time = 6000;
    expect(isIgnored('a.ts')).toBe(true);
  });
});

it('says no of what cannot be looked at', () => {
  write('a.ts', '');
  expect(isIgnored('a.ts/below/a/file.ts')).toBe(false);
  expect(isIgnored(`${'x'.repeat(300)}/a.ts`)).toBe(false);
});

it('takes the workspace folder where there is no repository', () => {
  write('.gitignore', 'a.ts');
  expect(isIgnored('a.ts')).toBe(true);
  expect(createIgnoredFiles(() => []).isIgnored(path.join(folder, 'a.ts'))).toBe(false);
});
