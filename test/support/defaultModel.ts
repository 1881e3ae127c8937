import { resolve } from 'node:path';
import type { Precision } from '../../engine/model/linear';
import { type LoadedModel, loadModel } from '../../engine/runtime/load';
import { testDevice } from './device';
import { temporaryFolder } from './folder';

/** The folder of the model that ships. */
export const defaultModel = resolve(import.meta.dirname, '../../models/default');

/** Loads the model that ships on the device of the tests; what is prepared for it is gone when the file's tests are done. */
export function defaultModels(): (precision?: Precision) => Promise<LoadedModel> {
  const folder = temporaryFolder();
  return (precision = 'int8') =>
    loadModel({
      modelDirectory: defaultModel,
      device: testDevice,
      precision,
      threads: 1,
      cacheDirectory: folder('cache'),
    });
}
