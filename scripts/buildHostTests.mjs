/** Bundles the suite that runs inside an editor's extension host into out/hostTests.js. */
import { build } from 'esbuild';

await build({
  entryPoints: { hostTests: 'test/e2e/host/index.ts' },
  outdir: 'out',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: 'linked',
  external: ['vscode', 'mocha'],
  logLevel: 'warning',
});
