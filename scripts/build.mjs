/** Bundles everything that runs into dist/. A new worker is one more line in the table. */
import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const node = {
  client: 'client/extension.ts',
  server: 'server/main.ts',
  cli: 'server/cli.ts',
  engineWorker: 'engine/runtime/worker.ts',
  analysisWorker: 'server/monitors/typescript/worker.ts',
};
/** Runs in a page, where there is no Node and nothing to import; its style sheet becomes a file of its own. */
const page = { report: 'client/webview/main.ts' };

/** TypeScript's compiler, for those who import it; beside it the declarations of the language's own library. */
const compiler = './typescript/compiler';

const present = (entryPoints) =>
  Object.fromEntries(Object.entries(entryPoints).filter(([, file]) => existsSync(file)));
const missing = Object.values({ ...node, ...page }).filter((file) => !existsSync(file));
if (missing.length > 0) console.warn(`not built, the source does not exist: ${missing.join(', ')}`);

const common = { outdir: 'dist', bundle: true, sourcemap: 'linked', logLevel: 'info' };
const built = Promise.all([
  build({
    ...common,
    entryPoints: present(node),
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // The editor provides `vscode`; onnxruntime-node holds native libraries; the compiler is large and shared.
    external: ['vscode', 'onnxruntime-node', compiler],
    alias: { typescript: compiler },
  }),
  build({
    ...common,
    entryPoints: { [compiler]: 'typescript' },
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
await built.catch(() => process.exit(1));

const library = path.dirname(createRequire(import.meta.url).resolve('typescript'));
const declarations = readdirSync(library).filter((name) => /^lib\..*d\.ts$/.test(name));
for (const file of [...declarations, '../LICENSE.txt', '../ThirdPartyNoticeText.txt'])
  copyFileSync(path.join(library, file), path.join('dist/typescript', path.basename(file)));
