/** The extension-host suite in a desktop VS Code, which is downloaded; `npm test` runs the same suite without one. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTests } from '@vscode/test-electron';
import { run } from './editor.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
await run(process.execPath, ['scripts/build.mjs']);
await run(process.execPath, ['scripts/buildHostTests.mjs']);

const workspace = mkdtempSync(path.join(os.tmpdir(), 'slipstream-desktop-'));
cpSync('scripts/sample', workspace, { recursive: true });
try {
  await runTests({
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(root, 'out/hostTests.js'),
    launchArgs: [workspace, '--disable-extensions', '--disable-workspace-trust'],
  });
} catch (error) {
  console.error(`npm run test:desktop failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(workspace, { recursive: true, force: true });
}
