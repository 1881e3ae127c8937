import { join } from 'node:path';
import type { CompletionRequest, EngineOptions } from '../../../../engine';
import { buildEngineBundles } from '../../../support/engineBundles';
import { defaultModel } from '../../numerics/models';

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

/** A line that the default model has something to say about, for as long as it takes. */
export const lineRequest: CompletionRequest = {
  session: 'file:///a.ts',
  prefix:
    'export function sum(values: readonly number[]): number {\n  let total = 0;\n  for (const value of ',
  suffix: '\n  return total;\n}\n',
  context: [],
  mode: 'line',
  maxTokens: 16,
  deadlineMs: Number.POSITIVE_INFINITY,
  lineDeadlineMs: Number.POSITIVE_INFINITY,
  without: [],
};
