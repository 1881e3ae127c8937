import { afterAll, beforeAll } from 'vitest';
import type { Precision } from '../../../../engine/model/linear';
import { type Decoder, loadDecoder } from '../../../../engine/runtime/decoder';
import { type ExportOptions, exportModel } from '../../../support/exportedModel';
import { temporaryFolder } from '../../../support/folder';
import { writeTinyModel } from '../../../support/tinyModel';

export const plain: ExportOptions = { file: 'onnx/model.onnx', attention: 'plain', positions: true };
export const contrib: ExportOptions = { file: 'model.onnx', attention: 'contrib' };

/** Exports and loaded decoders for one test file, all gone afterwards; `tiny` is a model with random weights. */
export function exportedModels() {
  const folder = temporaryFolder();
  const opened: Decoder[] = [];
  beforeAll(() =>
    writeTinyModel(folder('tiny'), { architecture: 'llama', seed: 61, kvHeads: 2, maxPositions: 1024 }),
  );
  afterAll(() => Promise.all(opened.map((decoder) => decoder.release())));
  return {
    folder,
    /** @returns the folder of an export of `tiny`, or of another model */
    async write(name: string, options: ExportOptions, source = folder('tiny')): Promise<string> {
      await exportModel(source, folder(name), options);
      return folder(name);
    },
    async load(modelDirectory: string, precision: Precision = 'fp32'): Promise<Decoder> {
      const cacheDirectory = folder('cache');
      const decoder = await loadDecoder({
        modelDirectory,
        device: 'cpu',
        precision,
        threads: 1,
        cacheDirectory,
      });
      opened.push(decoder);
      return decoder;
    },
  };
}
