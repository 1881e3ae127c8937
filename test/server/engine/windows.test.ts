import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { engineOptions } from '../../../server/engine/options';
import { otherWindows } from '../../../server/engine/windows';
import { defaultSettings } from '../../../server/protocol';
import { temporaryFolder } from '../../support/folder';

const folder = temporaryFolder();

test('says how many other processes hold the same weights, and forgets those that have ended', async () => {
  const options = { ...engineOptions(defaultSettings, process.cwd()), cacheDirectory: folder('cache') };
  expect(otherWindows(options)).toBeUndefined();
  const { modelDirectory, precision } = options;
  const running = folder('cache/running');
  const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
  writeFileSync(`${running}/${other.pid}`, JSON.stringify({ modelDirectory, precision }));
  expect(otherWindows(options)).toBe('Another window holds the same weights in memory as well.');
  expect(otherWindows({ ...options, precision: 'fp32' })).toBeUndefined();
  other.kill('SIGKILL');
  await new Promise((resolve) => other.once('exit', resolve));
  expect(otherWindows(options)).toBeUndefined();
  expect(existsSync(`${running}/${other.pid}`)).toBe(false);
});

test('a cache that cannot be written is no obstacle', () => {
  mkdirSync(folder('x'), { recursive: true });
  writeFileSync(folder('x/running'), '');
  const options = { ...engineOptions(defaultSettings, process.cwd()), cacheDirectory: folder('x') };
  expect(otherWindows(options)).toBeUndefined();
});
