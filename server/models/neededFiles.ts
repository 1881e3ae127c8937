import { SlipstreamError } from '../../engine/index';
import type { ModelInfo, RemoteFile } from './hub';

const needed = ['config.json', 'tokenizer.json'];
/** README.md is the model card: it may say the order of filling in, and it names the licence's terms. */
const wanted = [
  'generation_config.json',
  'tokenizer_config.json',
  'README.md',
  'LICENSE',
  'LICENSE.txt',
  'LICENSE.md',
  'NOTICE',
];
const single = 'model.safetensors';
const index = 'model.safetensors.index.json';
const isShard = (name: string) => /^model-\d+-of-\d+\.safetensors$/.test(name);

/**
 * The files of a repository that Slipstream reads, small ones first: no other formats of the same weights. A model
 * that lacks one is refused before anything is downloaded.
 * @throws SlipstreamError model-unsupported
 */
export function neededFiles({ repository, files }: ModelInfo): RemoteFile[] {
  const named = new Map(files.map((file) => [file.name, file]));
  const missing = needed.find((name) => !named.has(name));
  if (missing !== undefined) throw unusable(repository, files, `it has no ${missing}`);
  const small = [...needed, ...wanted].flatMap((name) => named.get(name) ?? []);
  return [...small, ...weights(repository, files, named)];
}

/** In the order in which the engine, like transformers, looks for them. */
function weights(
  repository: string,
  files: readonly RemoteFile[],
  named: ReadonlyMap<string, RemoteFile>,
): RemoteFile[] {
  const whole = named.get(single);
  if (whole !== undefined) return [whole];
  const list = named.get(index);
  if (list !== undefined) return [list, ...files.filter(({ name }) => isShard(name))];
  const lone = files.filter(({ name }) => name.endsWith('.safetensors') && !name.includes('/'));
  if (lone.length === 1) return lone;
  throw unusable(repository, files, 'it has no weights as model.safetensors');
}

function unusable(repository: string, files: readonly RemoteFile[], why: string): SlipstreamError {
  const other = files.find(({ name }) => /\.(gguf|onnx|bin|pt|pth)$/.test(name));
  const hint = other === undefined ? '' : ` (only ${other.name} and the like)`;
  const isExport = files.some(({ name }) => name.endsWith('.onnx'));
  const orFolder = isExport ? ', or get the export yourself and add its folder' : '';
  return new SlipstreamError(
    'model-unsupported',
    `${repository} cannot be used because ${why}${hint}; choose the repository of the original model in Hugging Face's format${orFolder}.`,
  );
}
