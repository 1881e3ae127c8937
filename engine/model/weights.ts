import { basename, join } from 'node:path';
import { SlipstreamError } from '../errors';
import type { ModelConfig } from './config';
import { isFloatType } from './dtypes';
import { corrupt, downloadAgain } from './files';
import { openSafetensors, type SafetensorsFile, shownShape, unsupportedType } from './safetensors';
import { requiredTensors, type TensorSpec } from './tensors';
import { findWeightFiles, type WeightFiles } from './weightFiles';

export { requiredTensors, type TensorSpec } from './tensors';

/** The tensors of a model folder, under Hugging Face names, read from disk one by one. */
export interface Weights {
  has(name: string): boolean;
  shape(name: string): readonly number[];
  /**
   * A fresh fp32 copy in row-major order, whatever float type is stored; the caller owns it.
   * @throws SlipstreamError model-corrupt where a value is not a finite number
   */
  read(name: string): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Opens `model.safetensors`, the shards of `model.safetensors.index.json`, or a lone .safetensors file of
 * another name, and checks that each tensor that the configuration needs is there in its shape.
 * Only the headers are read here.
 * @throws SlipstreamError model-missing, model-unreadable, model-corrupt, model-mismatch (naming the tensor,
 * its expected and its found shape) or model-unsupported (naming the number format).
 */
export async function openWeights(dir: string, config: ModelConfig): Promise<Weights> {
  const files = await findWeightFiles(dir);
  const opened: SafetensorsFile[] = [];
  const close = async () => {
    await Promise.all(opened.map((file) => file.close()));
  };
  try {
    for (const name of files.names) opened.push(await openSafetensors(join(dir, name)));
    const owners = assignTensors(dir, files, opened);
    for (const spec of requiredTensors(config)) checkTensor(dir, spec, owners.get(spec.name));
    checkLayerCount(dir, config, owners.keys());
    const owner = (name: string) => {
      const file = owners.get(name);
      if (file === undefined) throw missingTensor(dir, name, '');
      return file;
    };
    return {
      has: (name) => owners.has(name),
      shape: (name) => owner(name).tensors.get(name)?.shape ?? [],
      async read(name) {
        const { path, read } = owner(name);
        const values = await read(name);
        // One of them is enough to spoil every logit, so a damaged download would look like a bad model.
        if (!areFinite(values)) {
          throw corrupt(path, `has values in the tensor ${name} that are no finite numbers`);
        }
        return values;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Which file holds which tensor. An index decides where there is one, and must tell the truth. */
function assignTensors(
  dir: string,
  files: WeightFiles,
  opened: readonly SafetensorsFile[],
): Map<string, SafetensorsFile> {
  const owners = new Map<string, SafetensorsFile>();
  if (files.index === undefined) {
    for (const file of opened) for (const name of file.tensors.keys()) owners.set(name, file);
    return owners;
  }
  const byName = new Map(opened.map((file) => [basename(file.path), file]));
  for (const [tensor, fileName] of files.index) {
    const file = byName.get(fileName);
    if (!file?.tensors.has(tensor)) {
      throw corrupt(join(dir, fileName), `lacks the tensor ${tensor} that the index places there`);
    }
    owners.set(tensor, file);
  }
  return owners;
}

function checkTensor(dir: string, { name, shape }: TensorSpec, file: SafetensorsFile | undefined): void {
  const entry = file?.tensors.get(name);
  if (file === undefined || entry === undefined) throw missingTensor(dir, name, ` ${shownShape(shape)}`);
  const isSameShape =
    entry.shape.length === shape.length && shape.every((size, i) => entry.shape[i] === size);
  if (!isSameShape) {
    throw new SlipstreamError(
      'model-mismatch',
      `Cannot load the model in ${dir} because config.json asks for the tensor ${name} with the shape ${shownShape(shape)} and ${basename(file.path)} has ${shownShape(entry.shape)}; take both files from the same model.`,
    );
  }
  if (!isFloatType(entry.dtype)) throw unsupportedType(file.path, name, entry.dtype);
}

/** Zero times anything else is not zero. Billions of values: a sum is several times as fast as a call for each. */
function areFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) * 0;
  return sum === 0;
}

/** A decoder with layers left out runs, and talks nonsense. */
function checkLayerCount(dir: string, { layers }: ModelConfig, names: Iterable<string>): void {
  for (const name of names) {
    const layer = /^model\.layers\.(\d+)\./.exec(name)?.[1];
    if (layer === undefined || Number(layer) < layers) continue;
    throw new SlipstreamError(
      'model-mismatch',
      `Cannot load the model in ${dir} because config.json has num_hidden_layers = ${layers} and the weights have the tensor ${name}; take all files from the same model.`,
    );
  }
}

function missingTensor(dir: string, name: string, shape: string): SlipstreamError {
  return new SlipstreamError(
    'model-mismatch',
    `Cannot load the model in ${dir} because config.json asks for the tensor ${name}${shape} and no weight file has it; take all files from the same model, or ${downloadAgain}.`,
  );
}
