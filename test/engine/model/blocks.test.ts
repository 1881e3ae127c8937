import { expect, test } from 'vitest';
import { readConfig } from '../../../engine/model/config';
import type { Precision } from '../../../engine/model/linear';
import { carefulRun, loadGpuDecoder } from '../../../engine/runtime/webgpu/decoder';
import { temporaryFolder } from '../../support/folder';
import { writeTinyModel } from '../../support/tinyModel';

const path = temporaryFolder();

/** The graph for a GPU, on the processor. */
async function logitsOf(modelDirectory: string, precision: Precision): Promise<Float32Array> {
  const config = await readConfig(modelDirectory);
  const cacheDirectory = path('cache');
  const options = { modelDirectory, device: 'webgpu', precision, threads: 1, cacheDirectory } as const;
  const decoder = await loadGpuDecoder(options, config, { ...carefulRun, provider: 'cpu' });
  const logits = await decoder.forward(decoder.newCache(), [1, 2, 3], { logits: 1 });
  await decoder.release();
  return logits;
}

test.each(['int8', 'int4'] as const)(
  'rows that are no whole number of blocks keep their precision at %s',
  async (precision) => {
    const folder = path('narrow');
    const shape = { hidden: 48, heads: 3, kvHeads: 3, headDim: 16, intermediate: 80 };
    await writeTinyModel(folder, { architecture: 'llama', seed: 1, ...shape });
    expect(await logitsOf(folder, precision)).toEqual(await logitsOf(folder, 'fp32'));
  },
);
