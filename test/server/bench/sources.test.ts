import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { readConfig } from '../../../engine/model/config';
import { runBench, suites } from '../../../server/bench/index';
import { machine, row } from '../../../server/bench/report';
import { traceSources } from '../../../server/bench/traces/sources';
import { answeredRows } from '../../../server/bench/typing/answered';
import { widened } from '../../../server/bench/wide';
import { temporaryFolder } from '../../support/folder';
import { writeTinyModel } from '../../support/tinyModel';

const root = path.resolve(import.meta.dirname, '../../..');
const folder = temporaryFolder();

it("takes the files of a user's folder, whatever else is named like one", () => {
  const own = folder('own');
  mkdirSync(path.join(own, 'src', 'chart.js'), { recursive: true });
  symlinkSync(path.join(own, 'gone'), path.join(own, 'src', 'dangling.ts'));
  writeFileSync(path.join(own, 'src', 'a.ts'), 'const a = 1;\n');
  writeFileSync(path.join(own, 'src', 'chart.js', 'index.js'), 'const b = 1;\n');
  expect(traceSources(root, [own]).map((file) => path.relative(own, file.path))).toEqual([
    path.join('src', 'a.ts'),
    path.join('src', 'chart.js', 'index.js'),
  ]);
});

it('measures nothing where no file is long enough, and says so', async () => {
  const short = folder('short');
  mkdirSync(short);
  writeFileSync(path.join(short, 'a.ts'), 'const a = 1;\n');
  const options = { root, cacheDirectory: folder('cache'), sources: [short], progress: () => {} };
  const { rows, notes } = await answeredRows(options);
  expect(rows).toEqual([]);
  expect(notes[0]).toMatch(/No file has 1000 tokens/);
});

it('tells no figure where there was nothing to measure', async () => {
  const report = (rows: ReturnType<typeof row>[]) => async () => ({
    suite: 'quality',
    machine: machine(),
    rows,
    notes: [],
  });
  const run = async () => {
    const output = { print: () => {}, tell: () => {} };
    const [measured] = await runBench(['quality'], { root, cacheDirectory: folder('cache') }, output);
    return measured;
  };
  const nothing = row('nothing', Number.NaN, '%', { goal: 1 });
  const quality = vi.spyOn(suites, 'quality');
  quality.mockImplementation(
    report([nothing, row('something', 1, '%'), row('half', 1, '%', { baseline: Number.NaN })]),
  );
  expect((await run())?.rows.map(({ name }) => name)).toEqual(['something']);
  quality.mockImplementation(report([nothing]));
  expect(await run()).toMatchObject({ rows: [], failure: expect.stringMatching(/nothing to measure/) });
});

it('widens models apart that have the same name, and leaves them as they are', async () => {
  const models = [folder('one/base'), folder('other/base')];
  for (const [seed, directory] of models.entries())
    await writeTinyModel(directory, { architecture: 'llama', seed });
  const before = await Promise.all(models.map((directory) => readConfig(directory)));
  const wide = await Promise.all(models.map((directory) => widened(directory, 100_000, folder('wide'))));
  expect(new Set(wide).size).toBe(2);
  for (const [i, directory] of models.entries()) {
    expect(await readConfig(directory)).toEqual(before[i]);
    expect((await readConfig(wide[i] as string)).maxPositions).toBe(100_000);
    // Once more, over what is there.
    expect(await widened(directory, 100_000, folder('wide'))).toBe(wide[i]);
  }
});
