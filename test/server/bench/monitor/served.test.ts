import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Engine, startEngine } from '../../../../engine/index';
import { servedLanguages } from '../../../../server/bench/monitor/languages';
import type { MonitorPart } from '../../../../server/bench/monitor/part';
import { measureServed } from '../../../../server/bench/monitor/served';
import { debianSources } from '../../../../server/bench/monitor/sources';
import { engineOptions } from '../../../../server/engine/options';
import { findProgram } from '../../../../server/monitors/languageServer/program';
import { defaultSettings } from '../../../../server/protocol';
import { temporaryFolder } from '../../../support/folder';
import { built } from '../../integration/support';

const folder = temporaryFolder();

const python = `class Cart:
    def __init__(self, size: int) -> None:
        self.size = size

    def add(self, item: str) -> "Cart":
        return self


def fill(cart: Cart) -> int:
    cart.add("a").add("b")
    print(cart.size, "c".upper())
    return cart.size
`;

const cpp = `struct Cart {
  int size;
  Cart& add(const char* item);
};

int fill(Cart& cart, Cart* other) {
  cart.add("a").add("b");
  other->add("c");
  return cart.size + other->size;
}
`;

const plan = { files: 1, dereferences: 3, asked: 40, restricted: 4, seed: 1 };

let engine: Engine;

const measure = (id: string, source: string): Promise<MonitorPart> => {
  const language = servedLanguages.find((one) => one.id === id);
  if (language === undefined) throw new Error(`There is no ${id}.`);
  const options = {
    root: path.resolve(import.meta.dirname, '../../../..'),
    cacheDirectory: folder('cache'),
    sources: [folder(source)],
    progress: () => undefined,
  };
  return measureServed(engine, language, options, plan);
};

beforeAll(async () => {
  mkdirSync(folder('project'));
  writeFileSync(folder('project/cart.py'), python);
  writeFileSync(folder('project/cart.cpp'), cpp);
  mkdirSync(folder('nothing'));
  engine = await startEngine({
    ...engineOptions({ ...defaultSettings, model: path.resolve('models/default') }, process.cwd()),
    cacheDirectory: folder('cache'),
    workerPath: built('engineWorker.js'),
  });
}, 60_000);
afterAll(() => engine.dispose());
afterEach(() => vi.unstubAllEnvs());

function expectRows({ rows, notes }: MonitorPart, name: string) {
  expect(notes.join('\n')).toContain(`${name}: rests of 3 lines`);
  const row = (title: string) => rows.find((one) => one.name === `${name}: ${title}`);
  for (const title of [
    'lines that compile',
    'next identifier match',
    'identifier sequence match',
    'prefix match',
    'members that do not exist, without',
    'time of a question, p50',
    'time of a question, p95',
  ])
    expect(row(title)?.value, title).toBeGreaterThanOrEqual(0);
  expect(row('members that do not exist, with monitors')).toMatchObject({ value: 0, met: true });
  expect(row('right text that is forbidden, member')).toMatchObject({ value: 0, met: true });
  expect(row('places with a restriction in code that compiles')).toMatchObject({ met: true });
}

test('Python in small: the rows of pyright', async () => {
  expectRows(await measure('python', 'project'), 'Python');
}, 120_000);

const hasClangd = (await findProgram('clangd', [])) !== undefined;
if (!hasClangd) console.log('SKIPPED: clangd is not installed (Debian: sudo apt-get install clangd).');

test.skipIf(!hasClangd)(
  'C++ in small: the rows of clangd',
  async () => {
    expectRows(await measure('cpp', 'project'), 'C++');
  },
  120_000,
);

test('where there is no source a note says so, and no row is made up', async () => {
  const { rows, notes } = await measure('python', 'nothing');
  expect(rows).toEqual([]);
  expect(notes.join('\n')).toContain('Python is not measured: the folders have no source in it.');
}, 60_000);

test('where packages cannot be had one sentence says why, and nothing is left behind', async () => {
  vi.stubEnv('PATH', '');
  for (const language of servedLanguages) {
    const sources = await debianSources(language, folder('empty'));
    expect(sources).toMatchObject({ reason: expect.stringContaining(language.packages[0] ?? '') });
  }
  expect(existsSync(folder('empty/bench/sources/python'))).toBe(false);
});
