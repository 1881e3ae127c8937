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
    ...['client', 'server', 'cli', 'report'].map((name) => `dist/${name}.js`),
    ...['engineWorker', 'engineProcess', 'deviceTrial', 'analysisWorker'].map((name) => `dist/${name}.js`),
    'dist/report.css',
    'dist/ThirdPartyNotices.txt',
    'dist/http/undici.js',
    'dist/http/LICENSE',
    'dist/typescript/compiler.js',
    'dist/typescript/lib.es2022.d.ts',
    'dist/grammars/web-tree-sitter.wasm',
    'dist/grammars/tree-sitter-typescript.wasm',
    'dist/grammars/tree-sitter-python.wasm',
    'models/default/config.json',
    'models/default/model.safetensors',
    'models/default/tokenizer.json',
    'syntaxes/slipstream-trace.tmLanguage.json',
    'syntaxes/language-configuration.json',
    'client/icon.png',
    'client/walkthrough/try.png',
    'package.json',
    'readme.md',
    'changelog.md',
    'LICENSE.txt',
  ])
    expect(entries).toContain(`extension/${name}`);
  const scripts = entries.filter((name) => /^extension\/dist\/[^/]+\.js$/.test(name));
  expect(scripts).toHaveLength(8);
  const allowed =
    /^extension\/(dist|models\/default|syntaxes|client\/walkthrough|node_modules\/onnxruntime-(node|common))\//;
  const others = entries.filter((name) => name.startsWith('extension/') && !allowed.test(name));
  expect(others.sort()).toEqual([
    'extension/LICENSE.txt',
    'extension/changelog.md',
    'extension/client/icon.png',
    'extension/package.json',
    'extension/readme.md',
  ]);
});

test('the package has the licences of what is bundled', async () => {
  const zip = await JSZip.loadAsync(readFileSync(requiredEnvironment('SLIPSTREAM_VSIX')));
  const text = (await zip.file('extension/dist/ThirdPartyNotices.txt')?.async('string')) ?? '';
  for (const name of [
    'protobufjs',
    '@huggingface/tokenizers',
    'vscode-languageclient',
    'chart.js',
    'onnxruntime-node',
  ])
    expect(text).toContain(`\n${name} `);
  expect(text).toContain('Redistributions in binary form must reproduce');
});

test('the package stays small enough to be sent around', () => {
  expect(statSync(requiredEnvironment('SLIPSTREAM_VSIX')).size).toBeLessThan(60e6);
});

test('the grammars stay below 6 MB together', async () => {
  const zip = await JSZip.loadAsync(readFileSync(requiredEnvironment('SLIPSTREAM_VSIX')));
  const files = Object.values(zip.files).filter(({ name }) => name.endsWith('.wasm'));
  const sizes = await Promise.all(files.map(async (file) => (await file.async('uint8array')).length));
  expect(sizes.length).toBe(10);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(6e6);
});

test('a platform without native libraries is refused with a sentence', () => {
  const script = path.resolve('scripts/package.mjs');
  expect(() =>
    execFileSync(process.execPath, [script, '--target', 'darwin-x64'], { stdio: 'pipe', encoding: 'utf8' }),
  ).toThrow(/no libraries for darwin-x64.*--target/s);
});
