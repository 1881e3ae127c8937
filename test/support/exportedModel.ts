import { copyFile, mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type ModelConfig, readConfig } from '../../engine/model/config';
import { createGraph, type ExternalData, type Graph } from '../../engine/model/onnx';
import { openWeights, type Weights } from '../../engine/model/weights';
import { contribAttention, plainAttention } from './exportedAttention';

export interface ExportOptions {
  /** Of the graph, in the folder. */
  readonly file: string;
  /** Where the weights go; with the graph where left out. */
  readonly dataFile?: string;
  /** `plain`: standard operators, as torch exports them; `contrib`: GroupQueryAttention, as onnxruntime-genai builds it. */
  readonly attention: 'plain' | 'contrib';
  readonly ids?: 'int64' | 'int32';
  readonly cache?: 'float32' | 'float16';
  /** Whether the positions are an input, instead of counted. */
  readonly positions?: boolean;
  /** An input that switches the past on, as merged exports have it. */
  readonly switched?: boolean;
  /** What exports are known to do wrong: rows behind a past that see each other, keys cached before their rotation, no past. */
  readonly flaw?: 'seesAhead' | 'unrotatedKeys' | 'noPast';
  readonly onlyLastLogits?: boolean;
  /** Products of 8 bits, whose inputs share a scale for all rows: what optimum's dynamic quantisation makes. */
  readonly quantized?: boolean;
  /** Names of a layer's cache, `%d` being the layer. */
  readonly cacheNames?: Readonly<Record<'past' | 'present', string>>;
  readonly extraInput?: string;
  /** Multiplies the angles: what config.json does not say of them. */
  readonly angleScale?: number;
}

export interface Exporter extends Required<Pick<ExportOptions, 'cache'>> {
  readonly graph: Graph;
  readonly config: ModelConfig;
  readonly options: ExportOptions;
  /** `[1, new]`, int64. */
  readonly positions: string;
  readonly cacheName: (direction: 'past' | 'present', kind: 'key' | 'value', layer: number) => string;
}

/** Writes beside config.json and tokenizer.json of a model the graph that an exporter would make of its weights. */
export async function exportModel(source: string, dir: string, options: ExportOptions): Promise<void> {
  const path = join(dir, options.file);
  await mkdir(dirname(path), { recursive: true });
  for (const name of ['config.json', 'tokenizer.json']) await copyFile(join(source, name), join(dir, name));
  // The model card says the order of filling in.
  await copyFile(join(source, 'README.md'), join(dir, 'README.md')).catch(() => {});
  const config = await readConfig(source);
  const weights = await openWeights(source, config);
  const { dataFile } = options;
  const data = dataFile === undefined ? undefined : await open(join(dirname(path), dataFile), 'w');
  let end = 0;
  const external: ExternalData = {
    fileName: dataFile ?? '',
    async append(bytes) {
      const offset = end;
      await data?.write(bytes, 0, bytes.length, offset);
      end += bytes.length;
      return { offset, length: bytes.length };
    },
  };
  await writeFile(path, await emit(createGraph(external), config, weights, options));
  await data?.close();
  await weights.close();
}

async function emit(
  graph: Graph,
  config: ModelConfig,
  weights: Weights,
  options: ExportOptions,
): Promise<Uint8Array> {
  const { ids = 'int64', cache = 'float32', cacheNames, onlyLastLogits } = options;
  graph.input('input_ids', ids, ['batch', 'new']);
  graph.input('attention_mask', ids, ['batch', 'all']);
  if (options.positions) graph.input('position_ids', ids, ['batch', 'new']);
  if (options.switched) graph.input('use_cache_branch', 'bool', [1]);
  if (options.extraInput) graph.input(options.extraInput, 'int64', [1]);
  const names = cacheNames ?? { past: 'past_key_values.%d.$', present: 'present.%d.$' };
  const exporter: Exporter = {
    graph,
    config,
    options,
    cache,
    positions: options.positions ? wide(graph, 'position_ids') : countedPositions(graph),
    cacheName: (direction, kind, layer) => names[direction].replace('%d', String(layer)).replace('$', kind),
  };

  const tensor = async (name: string, dims: readonly number[]) =>
    constantOf(graph, options, name, dims, await weights.read(name));
  const linear = async (input: string, name: string, outputs: number, inputs: number) => {
    const matrix = transposed(await weights.read(`${name}.weight`), outputs, inputs);
    const product = options.quantized
      ? await quantizedProduct(graph, input, name, matrix, [inputs, outputs])
      : graph.op('MatMul', [
          input,
          await constantOf(graph, options, `${name}.weight.T`, [inputs, outputs], matrix),
        ]);
    if (!weights.has(`${name}.bias`)) return product;
    return graph.op('Add', [product, await tensor(`${name}.bias`, [outputs])]);
  };
  const norm = async (input: string, name: string) => {
    const squares = graph.op('Mul', [input, input]);
    const mean = graph.op('ReduceMean', [squares, graph.ints([-1])], { keepdims: 1 });
    const root = graph.op('Sqrt', [graph.op('Add', [mean, scalar(graph, config.normEps)])]);
    return graph.op('Mul', [
      graph.op('Div', [input, root]),
      await tensor(`${name}.weight`, [config.hiddenSize]),
    ]);
  };

  const { hiddenSize, intermediateSize, vocabSize, heads, kvHeads, headDim, layers } = config;
  const embedding = await tensor('model.embed_tokens.weight', [vocabSize, hiddenSize]);
  let stream = graph.op('Gather', [embedding, 'input_ids']);
  const attend = options.attention === 'plain' ? plainAttention(exporter) : contribAttention(exporter);
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}`;
    const normed = await norm(stream, `${at}.input_layernorm`);
    const query = await linear(normed, `${at}.self_attn.q_proj`, heads * headDim, hiddenSize);
    const key = await linear(normed, `${at}.self_attn.k_proj`, kvHeads * headDim, hiddenSize);
    const value = await linear(normed, `${at}.self_attn.v_proj`, kvHeads * headDim, hiddenSize);
    const attended = attend(layer, query, key, value);
    stream = graph.op('Add', [
      stream,
      await linear(attended, `${at}.self_attn.o_proj`, hiddenSize, heads * headDim),
    ]);
    const inner = await norm(stream, `${at}.post_attention_layernorm`);
    const gate = await linear(inner, `${at}.mlp.gate_proj`, intermediateSize, hiddenSize);
    const up = await linear(inner, `${at}.mlp.up_proj`, intermediateSize, hiddenSize);
    const hidden = graph.op('Mul', [graph.op('Mul', [gate, graph.op('Sigmoid', [gate])]), up]);
    stream = graph.op('Add', [
      stream,
      await linear(hidden, `${at}.mlp.down_proj`, hiddenSize, intermediateSize),
    ]);
  }
  let last = await norm(stream, 'model.norm');
  if (onlyLastLogits) last = graph.op('Gather', [last, graph.ints([-1])], { axis: 1 });
  const logits = await linear(
    last,
    config.tiedEmbeddings ? 'model.embed_tokens' : 'lm_head',
    vocabSize,
    hiddenSize,
  );
  graph.op('Cast', [logits], { to: cache === 'float16' ? 10 : 1 }, 'logits');
  graph.output('logits', cache, ['batch', onlyLastLogits ? 'kept' : 'new', vocabSize]);
  return graph.encode('exported');
}

/** In the graph's own file, or beside it. */
function constantOf(
  graph: Graph,
  { dataFile }: ExportOptions,
  name: string,
  dims: readonly number[],
  data: Float32Array,
): Promise<string> | string {
  return dataFile === undefined
    ? graph.constant('float32', dims, data)
    : graph.weight(name, 'float32', dims, data);
}

/** One scale for the whole matrix. */
async function quantizedProduct(
  graph: Graph,
  input: string,
  name: string,
  matrix: Float32Array,
  dims: readonly number[],
): Promise<string> {
  const scale = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
  const codes = Int8Array.from(matrix, (value) => Math.round(value / scale));
  const weight = await graph.weight(`${name}.codes`, 'int8', dims, codes);
  return graph.ms('DynamicQuantizeMatMul', [input, weight, scalar(graph, scale)]);
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = matrix[row * columns + column] as number;
  return result;
}

export const scalar = (graph: Graph, value: number) => graph.constant('float32', [], Float32Array.of(value));
export const wide = (graph: Graph, name: string) => graph.op('Cast', [name], { to: 7 });

/** As exports without the input do: all seen, less the new ones. */
function countedPositions(graph: Graph): string {
  const { past, all } = lengths(graph);
  const one = graph.constant('int64', [], BigInt64Array.of(1n));
  return graph.op('Unsqueeze', [graph.op('Range', [past, all, one]), graph.ints([0])]);
}

/** Numbers of rows, int64: cached, and cached and new together. */
export function lengths(graph: Graph): { past: string; all: string } {
  const size = (input: string) =>
    graph.op('Gather', [graph.op('Shape', [input]), graph.constant('int64', [], BigInt64Array.of(1n))]);
  const all = size('attention_mask');
  return { all, past: graph.op('Sub', [all, size('input_ids')]) };
}
