import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { lock } from '../../../server/models/lock';

let folder: string;
let target: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'slipstream-lock-'));
  target = path.join(folder, 'model');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const owner = () => readFileSync(`${target}.lock`, 'utf8');

it('is held by one at a time, and free again when it is released', async () => {
  const first = await lock(target, 'The download');
  await expect(lock(target, 'The download')).rejects.toMatchObject({ code: 'download-busy' });
  await first.release();
  await (await lock(target, 'The download')).release();
  expect(readdirSync(folder)).toEqual([]);
});

it('of a process that has ended is taken over', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  writeFileSync(`${target}.lock`, `${pid} somebody`);
  await (await lock(target, 'The download')).release();
});

it('of a process that has shown no life for long is taken over, and it learns so', async () => {
  const first = await lock(target, 'The download');
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(`${target}.lock`, longAgo, longAgo);
  const second = await lock(target, 'The download');
  await vi.waitFor(() => expect(first.lost.aborted).toBe(true), { timeout: 5000, interval: 100 });
  const held = owner();
  await first.release();
  expect(owner()).toBe(held);
  await second.release();
  expect(existsSync(`${target}.lock`)).toBe(false);
});

it('of a dead process goes to just one of several who want it', async () => {
  writeFileSync(`${target}.lock`, 'nobody');
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(`${target}.lock`, longAgo, longAgo);
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lock(target, 'The download')));
  const held = tries.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  expect(held).toHaveLength(1);
  await held[0]?.release();
});
