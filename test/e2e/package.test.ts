import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import JSZip from 'jszip';
import { beforeAll, expect, test } from 'vitest';
import { requiredEnvironment } from './support/editor';

const nativeLibrary = /\.(node|dll|dylib|so(\.\d+)*)$/;
let entries: string[];

beforeAll(async () => {
  const zip = await JSZip.loadAsync(readFileSync(requiredEnvironment('SLIPSTREAM_VSIX')));
  entries = Object.values(zip.files)
    .filter((file) => !file.dir)
    .map((file) => file.name);
});

test("the package has this platform's native libraries and no other's", () => {
  const own = `extension/node_modules/onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/`;
  const libraries = entries.filter((name) => nativeLibrary.test(name));
  expect(libraries).toContain(`${own}onnxruntime_binding.node`);
  expect(libraries.filter((name) => !name.startsWith(own))).toEqual([]);
});

test('the package has everything that runs, and nothing else', () => {
  for (const name of [
    'dist/client.js',
    'dist/server.js',
    'dist/engineWorker.js',
    'dist/cli.js',
    'dist/report.js',
    'dist/report.css',
    'models/default/config.json',
    'models/default/model.safetensors',
    'models/default/tokenizer.json',
    'syntaxes/slipstream-trace.tmLanguage.json',
    'package.json',
    'readme.md',
    'LICENSE.txt',
  ])
    expect(entries).toContain(`extension/${name}`);
  const allowed = /^extension\/(dist|models\/default|syntaxes|node_modules\/onnxruntime-(node|common))\//;
  const others = entries.filter((name) => name.startsWith('extension/') && !allowed.test(name));
  expect(others.sort()).toEqual(['extension/LICENSE.txt', 'extension/package.json', 'extension/readme.md']);
});

test('the package stays small enough to be sent around', () => {
  expect(statSync(requiredEnvironment('SLIPSTREAM_VSIX')).size).toBeLessThan(60e6);
});

test('a platform without native libraries is refused with a sentence', () => {
  const script = path.resolve('scripts/package.mjs');
  expect(() =>
    execFileSync(process.execPath, [script, '--target', 'darwin-x64'], { stdio: 'pipe', encoding: 'utf8' }),
  ).toThrow(/no libraries for darwin-x64.*--target/s);
});
