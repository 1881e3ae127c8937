import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SlipstreamError } from '../../errors';
import type { ModelConfig } from '../../model/config';
import { modelFileError } from '../../model/files';
import type { Precision } from '../../model/linear';
import { requiredTensors } from '../../model/tensors';
import { type GraphNames, optimumNames, readGenai } from './names';

/** A decoder that somebody exported to ONNX, as it lies in a model folder. */
export interface ExportedGraph {
  /** Of the `.onnx` file, in the folder, with forward slashes. */
  readonly file: string;
  /** The same, and the files beside it that hold its weights. */
  readonly files: readonly string[];
  /** That of ours which is nearest to what its weights are. */
  readonly precision: Precision;
  readonly names: GraphNames;
  /** Longest text that its makers say it is for, in tokens. */
  readonly contextLength?: number | undefined;
}

/** What transformers.js adds to the names of files for their weights' types; of 4 bits two kinds, each also with fp16 between. */
const precisions = new Map<string, Precision>([
  ['fp32', 'fp32'],
  ['fp16', 'fp32'],
  ['quantized', 'int8'],
  ['int8', 'int8'],
  ['uint8', 'int8'],
  ['q4', 'int4'],
  ['bnb4', 'int4'],
  ['q4f16', 'int4'],
]);
const plain = '';

/**
 * Which files are taken first. The processor computes in fp32, so fp16 only costs conversions there; and whoever asks for few
 * bits has memory for them rather than for more.
 */
const order: Record<Precision, readonly string[]> = {
  fp32: [plain, 'fp32', 'fp16', 'quantized', 'int8', 'uint8', 'q4', 'bnb4', 'q4f16'],
  int8: ['quantized', 'int8', 'uint8', 'q4', 'bnb4', 'q4f16', plain, 'fp32', 'fp16'],
  int4: ['q4', 'bnb4', 'q4f16', 'quantized', 'int8', 'uint8', plain, 'fp32', 'fp16'],
};

/** `model` is the newer name; where a folder has both they are the same model. */
const stems = ['model', 'decoder_model_merged'];
const genaiFile = 'genai_config.json';

/**
 * The graph that a folder without weights of its own has: in the layout of onnxruntime-genai (`genai_config.json` names it), or
 * of optimum and transformers.js (in `onnx/` or at the top, by its name).
 * @param precision what is asked for: of several the nearest is taken
 * @returns undefined where there are weights in safetensors, which serve better, and where there is no graph either
 * @throws SlipstreamError model-unsupported, where there are graphs and none that could be it; model-missing, -unreadable
 */
export async function findExportedGraph(
  dir: string,
  config: ModelConfig,
  precision: Precision,
): Promise<ExportedGraph | undefined> {
  const top = await list(dir);
  if (top.some((name) => /\.safetensors(\.index\.json)?$/.test(name))) return undefined;
  if (top.includes(genaiFile)) {
    const { file, ...described } = await readGenai(join(dir, genaiFile));
    if (!top.includes(file)) throw modelFileError(join(dir, file), notThere);
    return { ...described, ...(await withWeights(dir, '', file, top, config)) };
  }
  const inner = top.includes('onnx') ? await list(join(dir, 'onnx')) : [];
  for (const [folder, entries] of [['onnx/', inner] as const, ['', top] as const]) {
    const graphs = entries.filter((name) => name.endsWith('.onnx')).sort();
    const file = graphs.length === 0 ? undefined : chosen(dir, folder, graphs, precision);
    if (file !== undefined)
      return { ...(await withWeights(dir, folder, file, entries, config)), names: optimumNames };
  }
  return undefined;
}

const notThere = Object.assign(new Error('no such file'), { code: 'ENOENT' });

const list = (dir: string) =>
  readdir(dir).catch((cause): never => {
    throw modelFileError(dir, cause);
  });

function chosen(dir: string, folder: string, graphs: readonly string[], precision: Precision): string {
  for (const type of order[precision])
    for (const stem of stems) {
      const name = `${stem}${type === plain ? '' : `_${type}`}.onnx`;
      if (graphs.includes(name)) return name;
    }
  const [only, ...more] = graphs;
  const isHalf = (name: string) => /^decoder(_with_past)?_model(_\w+)?\.onnx$/.test(name);
  if (graphs.some(isHalf))
    throw unsupported(
      dir,
      'it was exported as two graphs, with and without a past (decoder_model.onnx and decoder_with_past_model.onnx)',
      'take a newer export with one model.onnx or decoder_model_merged.onnx',
    );
  if (only !== undefined && more.length === 0) return only;
  throw unsupported(
    dir,
    `it has the graphs ${graphs.map((name) => folder + name).join(', ')}, and none of them is named as a decoder is (model.onnx, model_quantized.onnx, model_q4.onnx, decoder_model_merged.onnx)`,
    'leave only the decoder there',
  );
}

/** A graph of more than 2 GB keeps its weights beside it: `.onnx_data`, `.onnx_data_1`, `.onnx.data`. */
async function withWeights(
  dir: string,
  folder: string,
  file: string,
  entries: readonly string[],
  config: ModelConfig,
): Promise<Pick<ExportedGraph, 'file' | 'files' | 'precision'>> {
  const data = entries.filter(
    (name) => /^[._]data(_\d+)?$/.test(name.slice(file.length)) && name.startsWith(file),
  );
  const files = [file, ...data.sort()].map((name) => folder + name);
  const type = /_([a-z0-9]+)\.onnx$/.exec(file)?.[1] ?? plain;
  const precision = precisions.get(type) ?? (await precisionBySize(dir, files, config));
  return { file: folder + file, files, precision };
}

/** From so many bytes for each weight on a graph is of 8 bits, or of 16 and more: scales and embeddings add to the 4 or 8 bits. */
const leastBytes = { int8: 1, fp32: 1.75 };

async function precisionBySize(
  dir: string,
  files: readonly string[],
  config: ModelConfig,
): Promise<Precision> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(dir, file))).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const weights = requiredTensors(config).reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
    0,
  );
  if (bytes < leastBytes.int8 * weights) return 'int4';
  return bytes < leastBytes.fp32 * weights ? 'int8' : 'fp32';
}

export const unsupported = (dir: string, why: string, remedy = 'take another export of it') =>
  new SlipstreamError('model-unsupported', `Cannot load the model in ${dir} because ${why}; ${remedy}.`);
