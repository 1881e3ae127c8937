import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import {
  fallbackThreshold,
  findThreshold,
  type StoredThreshold,
  thresholdsVersion,
  withThreshold,
} from '../../../engine/model/thresholds';
import { temporaryFolder } from '../../support/folder';

const folder = temporaryFolder();
const key = { model: 'a'.repeat(64), precision: 'int8', fim: true };
const entry: StoredThreshold = { ...key, threshold: 1.25, tokens: 1000, accuracy: 0.8, shareUnsure: 0.2 };

function write(name: string, content: unknown): string {
  const path = folder(name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

test('the first file that has one for the model gives it', async () => {
  const own = write('own.json', withThreshold([], { ...entry, threshold: 2 }));
  const shipped = write('shipped.json', withThreshold([], entry));
  expect(await findThreshold([own, shipped], key)).toEqual({ threshold: 2, notes: [] });
  expect(await findThreshold([folder('none.json'), shipped], key)).toEqual({ threshold: 1.25, notes: [] });
});

test.each([
  ['another model', { ...key, model: 'b'.repeat(64) }],
  ['another precision', { ...key, precision: 'int4' }],
  ['another prompt format', { ...key, fim: false }],
])('one for %s is passed over with a sentence', async (_, other) => {
  const path = write('other.json', withThreshold([], { ...entry, ...other }));
  const { threshold, notes } = await findThreshold([path], key);
  expect(threshold).toBe(fallbackThreshold);
  expect(notes).toHaveLength(1);
  expect(notes[0]).toContain(path);
});

test.each([
  ['from another version', { version: thresholdsVersion + 1, thresholds: [entry] }],
  ['broken off', '{"version":1,"thresho'],
  ['of another kind', [1, 2, 3]],
  ['without a number', { version: thresholdsVersion, thresholds: [{ ...key, threshold: 'high' }] }],
  ['with a threshold below zero', { version: thresholdsVersion, thresholds: [{ ...entry, threshold: -1 }] }],
  ['empty', ''],
])('a file %s is ignored with a sentence, and the next one serves', async (_, content) => {
  const path = write('bad.json', content);
  const shipped = write('shipped.json', withThreshold([], entry));
  const { threshold, notes } = await findThreshold([path, shipped], key);
  expect(threshold).toBe(1.25);
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatch(/ignored, because .+; calibrate/);
});

test('a new threshold replaces the one for the same model and leaves the others', () => {
  const others = { ...entry, precision: 'int4' };
  const { thresholds } = withThreshold([entry, others], { ...entry, threshold: 3 });
  expect(thresholds).toEqual([others, { ...entry, threshold: 3 }]);
});
