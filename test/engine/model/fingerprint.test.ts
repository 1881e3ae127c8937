import { chmod, cp, mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { modelFingerprint } from '../../../engine/model/fingerprint';
import { temporaryFolder } from '../../support/folder';
import { writeTinyModel } from '../../support/tinyModel';

const path = temporaryFolder();
const weightsFile = () => path('model/model.safetensors');
const fixedTime = new Date('1985-10-26T08:15:00Z');

beforeAll(() => writeTinyModel(path('model'), { architecture: 'llama', seed: 1 }));

test('depends on the content of weights and configuration, not on where they are', async () => {
  const original = await modelFingerprint(path('model'), path('memo'));
  expect(original).toMatch(/^[0-9a-f]{64}$/);
  await cp(path('model'), path('elsewhere'), { recursive: true });
  expect(await modelFingerprint(path('elsewhere'), path('memo'))).toBe(original);
  await writeFile(path('elsewhere/tokenizer.json'), '{}');
  expect(await modelFingerprint(path('elsewhere'), path('memo'))).toBe(original);
  const config = await readFile(path('elsewhere/config.json'), 'utf8');
  await writeFile(path('elsewhere/config.json'), config.replace('10000', '20000'));
  expect(await modelFingerprint(path('elsewhere'), path('memo'))).not.toBe(original);
});

test('sees one changed bit although size and time stay as they were', async () => {
  await utimes(weightsFile(), fixedTime, fixedTime);
  const before = await modelFingerprint(path('model'), path('memo'));
  const bytes = await readFile(weightsFile());
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  await writeFile(weightsFile(), bytes);
  await utimes(weightsFile(), fixedTime, fixedTime);
  expect(await modelFingerprint(path('model'), path('memo'))).not.toBe(before);
});

test('is remembered: the next time comes from the memo, which nothing half-written disturbs', async () => {
  const memo = path('own-memo');
  const first = await modelFingerprint(path('model'), memo);
  const [file, ...others] = await readdir(memo);
  expect(others).toEqual([]);
  const marked = 'f'.repeat(64);
  await writeFile(join(memo, file ?? ''), marked);
  expect(await modelFingerprint(path('model'), memo)).toBe(marked);
  await writeFile(join(memo, file ?? ''), 'f'.repeat(10));
  expect(await modelFingerprint(path('model'), memo)).toBe(first);
});

test('works without a memo', async () => {
  await writeFile(path('not-a-folder'), '');
  expect(await modelFingerprint(path('model'), path('not-a-folder'))).toMatch(/^[0-9a-f]{64}$/);
  await mkdir(path('read-only'));
  await chmod(path('read-only'), 0o500);
  expect(await modelFingerprint(path('model'), path('read-only'))).toMatch(/^[0-9a-f]{64}$/);
});
