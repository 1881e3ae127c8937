import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../engine/index';
import { calibrate } from '../../../server/calibration/calibrate';

const files = ['src/open.ts', 'vault/hidden.ts', '.env.ts'];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipstream-calibrate-'));
  for (const name of files) {
    mkdirSync(path.join(folder, path.dirname(name)), { recursive: true });
    writeFileSync(path.join(folder, name), `const text = read('${name}', first, second);\n`.repeat(40));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The files whose text the model was given. */
async function readFiles(isAllowed?: (file: string) => boolean): Promise<string[]> {
  const given: string[] = [];
  const score: Engine['score'] = async ({ prefix }) => {
    given.push(prefix);
    return [];
  };
  const learning = calibrate({ score } as Engine, {
    folders: [folder],
    places: 30,
    seed: 1,
    signal: new AbortController().signal,
    progress: () => {},
    note: () => {},
    ...(isAllowed && { isAllowed }),
  });
  await expect(learning).rejects.toThrow('choose a folder with more source');
  return files.filter((name) => given.some((text) => text.includes(name)));
}

test('the model reads no secret file, whoever asks', async () => {
  expect(await readFiles()).toEqual(['src/open.ts', 'vault/hidden.ts']);
});

test('the model reads only what may be read', async () => {
  expect(await readFiles((file) => file.includes('src'))).toEqual(['src/open.ts']);
});
