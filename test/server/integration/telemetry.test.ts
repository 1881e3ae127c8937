import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { built, sample, sampleCaret, scratchFolder } from './support';

const scratch = scratchFolder();
afterAll(scratch.remove);

/** onnxruntime's telemetry begins with a device id and a database in the user's cache folder. */
it('leaves no trace of telemetry in the home folder', () => {
  const file = path.join(scratch.path, 'stack.ts');
  const home = path.join(scratch.path, 'home');
  const cache = path.join(scratch.path, 'cache');
  writeFileSync(file, sample);
  mkdirSync(home);
  // A bare environment: onnxruntime switches its telemetry off by itself in CI.
  const env = { PATH: process.env.PATH, HOME: home, LOCALAPPDATA: home, SLIPSTREAM_CACHE_DIR: cache };
  const target = `${file}:${sampleCaret[0] + 1}:${sampleCaret[1] + 1}`;

  const text = execFileSync(process.execPath, [built('cli.js'), 'complete', target], { env });

  expect(text.length).toBeGreaterThan(0);
  expect(readdirSync(home, { recursive: true })).toEqual([]);
});
