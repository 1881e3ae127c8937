/** Bundles everything that runs into dist/. A new worker is one more line in the table. */
import { existsSync } from 'node:fs';
import { build } from 'esbuild';

const entryPoints = {
  client: 'client/extension.ts',
  server: 'server/main.ts',
  cli: 'server/cli.ts',
  engineWorker: 'engine/runtime/worker.ts',
};

const missing = Object.values(entryPoints).filter((file) => !existsSync(file));
if (missing.length > 0) console.warn(`not built, the source does not exist: ${missing.join(', ')}`);

const built = build({
  entryPoints: Object.fromEntries(Object.entries(entryPoints).filter(([, file]) => existsSync(file))),
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: 'linked',
  // The editor provides `vscode`; onnxruntime-node holds native libraries.
  external: ['vscode', 'onnxruntime-node'],
  logLevel: 'info',
});
// The errors have been printed by then.
await built.catch(() => process.exit(1));
