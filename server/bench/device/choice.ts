import { join } from 'node:path';
import { buildGraph } from '../../../engine/model/build';
import { readConfig } from '../../../engine/model/config';
import type { Precision } from '../../../engine/model/linear';
import { tryDevice } from '../../../engine/runtime/device/choose';
import { selfTest } from '../../../engine/runtime/webgpu/selfTest';
import { deviceRefusal } from '../../../engine/runtime/webgpu/session';
import { defaultSettings } from '../../protocol';
import type { BenchOptions } from '../suite';
import { contextTokens } from './edits';

/** What the product finds out about a GPU before it trusts it. */
export interface Trial {
  /** A sentence or two. */
  readonly note: string;
  /** Most rows of a pass that are right there; undefined where nothing is, or it was not asked. */
  readonly rowsPerPass?: number | undefined;
}

/**
 * The product's own trial of this model, anew. Where only the GPU is to be measured, just the part of it that needs no
 * processor: whether it computes right.
 */
export async function trial(
  { directory, precision }: { readonly directory: string; readonly precision: Precision },
  { device = 'auto', root, cacheDirectory }: BenchOptions,
  progress: (line: string) => void,
): Promise<Trial> {
  if (device === 'cpu') return { note: 'only the processor was to be measured.' };
  progress('trying the GPU');
  if (device === 'webgpu') return selfTested(directory, precision, cacheDirectory);
  // Minutes for a large model, for which the trial would not wait.
  const config = await readConfig(directory);
  for (const target of ['cpu', 'webgpu'] as const)
    await buildGraph({ modelDirectory: directory, config, precision, device: target, cacheDirectory });
  const { reason, gpu, ...choice } = await tryDevice({
    modelDirectory: directory,
    device: 'auto',
    precision,
    threads: 0,
    contextTokens,
    cacheBytes: defaultSettings.cacheMegabytes * 2 ** 20,
    cacheDirectory,
    workerPath: join(root, 'dist', 'engineWorker.js'),
  });
  return { note: `"auto" takes ${choice.device}. ${reason}`, rowsPerPass: gpu?.rowsPerPass };
}

/** Whether a GPU computes right, by the test of the product. */
export async function selfTested(
  directory: string,
  precision: Precision,
  cacheDirectory: string,
): Promise<Trial> {
  if ((await deviceRefusal()) !== undefined) return { note: 'there is no GPU to test.' };
  const { run, errors } = await selfTest({ config: await readConfig(directory), precision, cacheDirectory });
  const found = errors.map(
    ({ rowsPerPass, error }) => `${error.toExponential(1)} in passes of ${rowsPerPass}`,
  );
  const verdict = run
    ? `right in passes of up to ${run.rowsPerPass} rows`
    : 'wrong, the product would refuse it';
  return {
    note: `what the GPU computes is ${verdict} (logits are off by ${found.join(', ')}).`,
    rowsPerPass: run?.rowsPerPass,
  };
}
