import { join } from 'node:path';
import type { EngineOptions } from '../../../../engine';
import { defaultModel } from '../../../support/defaultModel';
import { buildEngineBundles } from '../../../support/engineBundles';

/** The default model in few threads and little memory, its bundles and cache in a folder of the test's own. */
export async function bundledOptions(
  folder: string,
  device: EngineOptions['device'],
): Promise<EngineOptions> {
  return {
    modelDirectory: defaultModel,
    device,
    precision: 'int8',
    threads: 1,
    contextTokens: 512,
    cacheBytes: 2 ** 29,
    cacheDirectory: join(folder, 'cache'),
    workerPath: await buildEngineBundles(folder),
  };
}
