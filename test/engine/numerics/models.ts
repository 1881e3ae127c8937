import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { type Decoder, loadDecoder } from '../../../engine/runtime/decoder';
import { testDevice } from '../../support/device';
import { writeTinyModel } from '../../support/tinyModel';
import type { NumericsCase } from './cases';

/** Model folders and loaded decoders for one test file, all gone afterwards. */
export function numericsModels() {
  const temporary = mkdtemp(join(tmpdir(), 'slipstream-numerics-'));
  const opened: Decoder[] = [];
  afterAll(async () => {
    await Promise.all(opened.map((decoder) => decoder.release()));
    await rm(await temporary, { recursive: true, force: true });
  });
  return {
    temporary,
    /** The folder of a case's random model. */
    async write({ name, model }: NumericsCase): Promise<string> {
      const folder = join(await temporary, name.replaceAll(/\W+/g, '-'));
      await writeTinyModel(folder, model);
      return folder;
    },
    async load(
      modelDirectory: string,
      precision: 'fp32' | 'int8' | 'int4' = 'fp32',
      device: 'cpu' | 'webgpu' = testDevice,
    ): Promise<Decoder> {
      const cacheDirectory = join(await temporary, 'cache');
      const decoder = await loadDecoder({
        modelDirectory,
        device,
        precision,
        threads: 1,
        cacheDirectory,
      });
      opened.push(decoder);
      return decoder;
    },
  };
}
