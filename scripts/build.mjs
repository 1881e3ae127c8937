/** Bundles everything that runs into dist/. A new worker is one more line in the table. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import { notices } from './notices.mjs';

const node = {
  client: 'client/extension.ts',
  server: 'server/main.ts',
  cli: 'server/cli.ts',
  engineWorker: 'engine/runtime/worker.ts',
  engineProcess: 'engine/runtime/device/host.ts',
  deviceTrial: 'engine/runtime/device/trialProcess.ts',
  analysisWorker: 'server/monitors/typescript/worker.ts',
};
/** Runs in a page, where there is no Node and nothing to import; its style sheet becomes a file of its own. */
const page = { report: 'client/webview/main.ts' };

/** TypeScript's compiler, for those who import it; beside it the declarations of the language's own library. */
const compiler = './typescript/compiler';
/** The HTTP client of downloads, for those who download: as part of the server it would take a tenth of a second of each start. */
const http = './http/undici';

/** Grammars of the languages whose syntax trees post-processing asks; what reads them lies with them. */
const grammars = ['css', 'go', 'java', 'javascript', 'json', 'python', 'rust', 'tsx', 'typescript'];

const present = (entryPoints) =>
  Object.fromEntries(Object.entries(entryPoints).filter(([, file]) => existsSync(file)));
const missing = Object.values({ ...node, ...page }).filter((file) => !existsSync(file));
if (missing.length > 0) console.warn(`not built, the source does not exist: ${missing.join(', ')}`);

const common = { outdir: 'dist', bundle: true, sourcemap: 'linked', metafile: true, logLevel: 'info' };
const built = Promise.all([
  build({
    ...common,
    entryPoints: present(node),
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // The editor provides `vscode`; onnxruntime-node holds native libraries; the compiler is large and shared.
    external: ['vscode', 'onnxruntime-node', compiler, http],
    // What is imported when it is needed is required then: Node's import() takes bundles for modules of another kind.
    supported: { 'dynamic-import': false },
    // The other build of web-tree-sitter asks for the address of its module, which a bundle has none of.
    alias: {
      typescript: compiler,
      undici: http,
      'web-tree-sitter': './node_modules/web-tree-sitter/web-tree-sitter.cjs',
    },
  }),
  build({
    ...common,
    entryPoints: { [compiler]: 'typescript', [http]: 'undici' },
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    sourcemap: false,
  }),
  build({
    ...common,
    entryPoints: present(page),
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    minify: true,
  }),
]);
// The errors have been printed by then.
const results = await built.catch(() => process.exit(1));

const native = ['onnxruntime-node', 'onnxruntime-common'].map((name) => `node_modules/${name}`);
const metafiles = results.map(({ metafile }) => metafile);
writeFileSync('dist/ThirdPartyNotices.txt', notices(metafiles, native));

const library = path.dirname(createRequire(import.meta.url).resolve('typescript'));
const declarations = readdirSync(library).filter((name) => /^lib\..*d\.ts$/.test(name));
for (const file of [...declarations, '../LICENSE.txt', '../ThirdPartyNoticeText.txt'])
  copyFileSync(path.join(library, file), path.join('dist/typescript', path.basename(file)));

copyFileSync('node_modules/undici/LICENSE', 'dist/http/LICENSE');

mkdirSync('dist/grammars', { recursive: true });
copyFileSync('node_modules/web-tree-sitter/web-tree-sitter.wasm', 'dist/grammars/web-tree-sitter.wasm');
copyFileSync('node_modules/web-tree-sitter/LICENSE', 'dist/grammars/LICENSE.web-tree-sitter');
for (const name of grammars) {
  const folder = `node_modules/tree-sitter-${name === 'tsx' ? 'typescript' : name}`;
  copyFileSync(`${folder}/tree-sitter-${name}.wasm`, `dist/grammars/tree-sitter-${name}.wasm`);
  copyFileSync(`${folder}/LICENSE`, `dist/grammars/LICENSE.${name}`);
}
