/** Bundles what runs inside an editor's extension host into out/: the suite of tests, and a benchmark. */
import { build } from 'esbuild';

await build({
  entryPoints: { hostTests: 'test/e2e/host/index.ts', hostBench: 'test/e2e/host/bench.ts' },
  outdir: 'out',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: 'linked',
  external: ['vscode', 'mocha'],
  logLevel: 'warning',
});
