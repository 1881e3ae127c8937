/**
 * Packages the extension for one platform, with only that platform's native libraries.
 *
 *   node scripts/package.mjs [--target linux-x64] [--out FILE]
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import { run } from './editor.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { values: options } = parseArgs({ options: { target: { type: 'string' }, out: { type: 'string' } } });
const out = options.out && path.resolve(options.out);
process.chdir(root);

const target = options.target ?? `${process.platform}-${process.arch}`;
const binaries = `node_modules/onnxruntime-node/bin/napi-v6/${target.replace('-', '/')}`;
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const file = out ?? `slipstream-${target}-${version}.vsix`;

try {
  await packageForTarget();
} catch (error) {
  console.error(`npm run package failed: ${error.message}`);
  process.exitCode = 1;
}

async function packageForTarget() {
  if (!existsSync(binaries)) {
    const targets = 'linux-x64, linux-arm64, win32-x64, win32-arm64 or darwin-arm64';
    throw new Error(`onnxruntime-node has no libraries for ${target}; give ${targets} with --target.`);
  }
  await run(process.execPath, ['scripts/build.mjs']);
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'slipstream-package-'));
  try {
    const ignoreFile = path.join(scratch, 'vscodeignore');
    writeFileSync(ignoreFile, `${readFileSync('.vscodeignore', 'utf8')}!${binaries}/**\n`);
    // There is no repository yet that relative links could be made to lead to; the pictures are in the package.
    const withoutRepository = { allowMissingRepository: true, rewriteRelativeLinks: false };
    await createVSIX({ target, packagePath: file, ignoreFile, ...withoutRepository });
  } finally {
    rmSync(scratch, { recursive: true });
  }
  console.log(`${file}: ${(statSync(file).size / 1e6).toFixed(1)} MB for ${target}`);
}
