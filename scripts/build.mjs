/** Bundles everything that runs into dist/. A new worker is one more line in the table. */
import { existsSync } from 'node:fs';
import { build } from 'esbuild';

const node = {
  client: 'client/extension.ts',
  server: 'server/main.ts',
  cli: 'server/cli.ts',
  engineWorker: 'engine/runtime/worker.ts',
};
/** Runs in a page, where there is no Node and nothing to import; its style sheet becomes a file of its own. */
const page = { report: 'client/webview/main.ts' };

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
    // The editor provides `vscode`; onnxruntime-node holds native libraries.
    external: ['vscode', 'onnxruntime-node'],
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
