import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SlipstreamError } from '../errors';
import { corrupt, downloadAgain, isObject, modelFileError, readJson } from './files';

export interface WeightFiles {
  /** File names in the folder, sorted. */
  readonly names: readonly string[];
  /** Tensor name -> file name, where the folder has an index. */
  readonly index: ReadonlyMap<string, string> | undefined;
}

const single = 'model.safetensors';
const indexFile = 'model.safetensors.index.json';

/** Finds the weights in transformers' order of preference: the single file, the index, then a lone other name. */
export async function findWeightFiles(dir: string): Promise<WeightFiles> {
  let entries: string[];
  try {
    entries = await readdir(dir);
  } catch (cause) {
    throw modelFileError(dir, cause);
  }
  if (entries.includes(single)) return { names: [single], index: undefined };
  if (entries.includes(indexFile)) {
    const index = await readIndex(join(dir, indexFile));
    return { names: [...new Set(index.values())].sort(), index };
  }
  const [lone, ...more] = entries.filter((name) => name.endsWith('.safetensors')).sort();
  if (lone === undefined) throw noWeights(dir, entries);
  if (more.length > 0) {
    throw new SlipstreamError(
      'model-missing',
      `Cannot load the model in ${dir} because it has ${more.length + 1} .safetensors files and no ${indexFile} that says how they belong together; ${downloadAgain}.`,
    );
  }
  return { names: [lone], index: undefined };
}

async function readIndex(path: string): Promise<Map<string, string>> {
  const { weight_map: map } = await readJson(path);
  if (!isObject(map) || Object.keys(map).length === 0) throw corrupt(path, 'has no weight_map');
  return new Map(
    Object.entries(map).map(([tensor, file]) => {
      // The index comes with the download: it must not lead out of the folder.
      if (typeof file === 'string' && file === basename(file) && file.endsWith('.safetensors')) {
        return [tensor, file] as const;
      }
      throw corrupt(
        path,
        `places the tensor ${tensor} in something that is not a .safetensors file beside it`,
      );
    }),
  );
}

function noWeights(dir: string, entries: readonly string[]): SlipstreamError {
  const other = entries.find((name) => /\.(gguf|bin|pt|pth|ckpt|h5|msgpack|onnx)$/.test(name));
  if (other === undefined) {
    return new SlipstreamError(
      'model-missing',
      `Cannot load the model because there is no .safetensors file in ${dir}, and no exported ONNX graph either; choose a folder that holds config.json, tokenizer.json and one of them.`,
    );
  }
  return new SlipstreamError(
    'model-unsupported',
    `Cannot load the model in ${dir} because its weights are in ${other}, and Slipstream reads .safetensors files; choose the model's safetensors variant.`,
  );
}
