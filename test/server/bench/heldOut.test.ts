import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { heldOutSource } from '../../../server/bench/heldOut';

it('held-out source is there after npm ci, in a fixed order, from every folder', () => {
  const root = resolve(import.meta.dirname, '../../..');
  const folders = heldOutSource(root);
  expect(folders).toHaveLength(4);
  for (const files of folders) {
    const characters = files.reduce((sum, { text }) => sum + text.length, 0);
    expect(characters).toBeGreaterThan(20_000);
    expect(files.map(({ path }) => path)).toEqual(files.map(({ path }) => path).sort());
  }
});
