import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');

/** Under `node_modules`, so that the bundles find onnxruntime there. */
export const bundlesFolder = (name: string) =>
  join(root, 'node_modules', `.slipstream-${name}-${process.pid}`);

/**
 * Bundles what the engine starts: its worker, its process, and the trial of a device.
 * @returns the worker's path
 */
export async function buildEngineBundles(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: {
      engineWorker: join(root, 'engine/runtime/worker.ts'),
      engineProcess: join(root, 'engine/runtime/device/host.ts'),
      deviceTrial: join(root, 'engine/runtime/device/trialProcess.ts'),
    },
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['onnxruntime-node'],
  });
  return join(folder, 'engineWorker.js');
}
