/**
 * Measures in a real editor whether Slipstream slows the editor's own features down; prints milliseconds and ratios.
 *
 *   node scripts/benchEditor.mjs [--vsix FILE]
 *
 * --vsix FILE  measure this package instead of building one
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureChromium } from './chromium.mjs';
import { editorUnavailable, ensureEditor, run } from './editor.mjs';

const { values: options } = parseArgs({ options: { vsix: { type: 'string' } } });
const given = options.vsix && path.resolve(options.vsix);
process.chdir(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipstream-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

try {
  const unavailable = editorUnavailable();
  if (unavailable) throw new Error(unavailable);
  const chromium = await ensureChromium();
  if (!chromium) throw new Error('there is no Chromium');
  await ensureEditor();
  const vsix = given ?? path.join(scratch, 'slipstream.vsix');
  if (given === undefined)
    await run(process.execPath, ['scripts/package.mjs', '--out', vsix], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  await run(process.execPath, ['scripts/buildHostTests.mjs']);
  await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'editor-bench'], {
    env: { ...process.env, SLIPSTREAM_CHROMIUM: chromium, SLIPSTREAM_VSIX: vsix },
  });
} catch (error) {
  console.error(`The benchmark failed: ${error.message}`);
  process.exitCode = 1;
}
