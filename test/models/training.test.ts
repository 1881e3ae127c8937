import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = 'models/training';
// Not every machine has what trains a model, and nothing that ships needs it.
const modules =
  'import sys, recipe.folders as f; f.use_tokenizers(f.default_work()); import numpy, tokenizers, torch';
// Debian's PyTorch belongs to Debian's Python, which need not be the first on the path.
const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', modules], { cwd: folder }).status === 0,
);

describe.skipIf(python === undefined)(
  python ? "the default model's recipe" : "SKIPPED, no torch or tokenizers here: the default model's recipe",
  () => {
    it('passes its own tests', { timeout: 180_000 }, () => {
      const env = { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' };
      const run = spawnSync(python ?? '', ['-m', 'unittest', 'discover', '-s', 'tests', '-t', '.'], {
        cwd: folder,
        env,
        encoding: 'utf8',
      });
      expect(run.stderr).toMatch(/\nOK\n$/);
      expect(run.status).toBe(0);
    });
  },
);

it('names no place of this machine and no address in its files', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(py|md|tsv|toml)$/.test(name),
  );
  expect(files.length).toBeGreaterThan(20);
  const place = /https?:\/\/|\/home\/|\/root\/|\.(org|com|io)\//;
  const found = files.flatMap((name) => {
    const lines = readFileSync(path.join(folder, name), 'utf8').split('\n');
    return lines.filter((line) => place.test(line)).map((line) => `${name}: ${line}`);
  });
  expect(found).toEqual([]);
});
