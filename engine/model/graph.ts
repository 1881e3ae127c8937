import { blockAttention, declareAttentionInputs, newName } from './attention';
import type { ModelConfig } from './config';
import { declareGroupedInputs, groupedAttention } from './groupedAttention';
import {
  byteBlock,
  createLinear,
  type Linear,
  type LinearWeights,
  type Precision,
  type Scaled,
} from './linear';
import { createGraph, type ExternalData, float, type Graph } from './onnx';
import { quantiseBytes, quantiseRows } from './quantize';
import { rotaryTables } from './rotary';

/** Reads one tensor of the model folder as fp32; throws if there is none of that name. */
export type ReadTensor = (name: string) => Promise<Float32Array>;

/** Graph inputs beside those of attention and of 8-bit products. */
export const decoderInputs = {
  /** `[rows]`, int64 */
  tokens: 'tokens',
  /** `[1, rows]`, int64: position ids, free to differ from the order of the rows. */
  positions: 'positions',
  /** `[wanted]`, int64: which rows' logits to return. */
  wantedRows: 'wanted_rows',
} as const;
/** `[wanted, vocabulary]`, float32 */
export const logitsOutput = 'logits';

const embeddingTable = 'embedding';

/** What runs the graph: they have other operators, and keep the cache in other places. */
export type Device = 'cpu' | 'webgpu';

export interface EmitOptions {
  readonly precision: Precision;
  readonly device: Device;
  /** Positions that the rotation tables cover. */
  readonly maxPositions: number;
}

interface Emitter {
  readonly precision: Precision;
  readonly device: Device;
  readonly graph: Graph;
  readonly linear: Linear;
  readonly config: ModelConfig;
  readonly read: ReadTensor;
}

/** A residual stream whose next addend is still pending, so that addition and norm are one operator. */
interface Residual {
  readonly stream: string;
  readonly pending?: string;
}

/**
 * Emits the decoder as one ONNX graph: tokens and their positions in, logits of the wanted rows and the new
 * rows' keys and values out. All tensors are `[rows, width]`; there is no batch axis.
 * Sources: transformers' modeling_llama, modeling_qwen2, modeling_qwen3 and modeling_starcoder2.
 */
export async function emitDecoder(
  config: ModelConfig,
  read: ReadTensor,
  { precision, device, maxPositions }: EmitOptions,
  external: ExternalData,
): Promise<Uint8Array> {
  const graph = createGraph(external);
  const linear = createLinear(graph, precision, device);
  const emitter: Emitter = { precision, device, graph, linear, config, read };
  graph.input(decoderInputs.tokens, 'int64', ['rows']);
  graph.input(decoderInputs.positions, 'int64', [1, 'rows']);
  graph.input(decoderInputs.wantedRows, 'int64', ['wanted']);
  if (device === 'cpu') declareAttentionInputs(graph, config);
  else declareGroupedInputs(graph);
  if (precision !== 'fp32' && device === 'cpu') linear.declareInputs();

  const tables = await emitRotaryTables(graph, config, maxPositions);
  let residual: Residual = { stream: await emitEmbedding(emitter) };
  for (let layer = 0; layer < config.layers; layer++) {
    residual = await emitAttentionBlock(emitter, layer, residual, tables);
    residual = await emitFeedForwardBlock(emitter, layer, residual);
  }
  await emitHead(emitter, residual);
  return graph.encode(config.architecture);
}

async function emitRotaryTables(graph: Graph, config: ModelConfig, positions: number) {
  const { cos, sin } = rotaryTables(config.rope, positions);
  const dims = [positions, config.rope.dim / 2];
  return {
    cos: await graph.weight('rotary.cos', 'float32', dims, cos),
    sin: await graph.weight('rotary.sin', 'float32', dims, sin),
  };
}

async function emitEmbedding({ precision, device, graph, config, read }: Emitter): Promise<string> {
  const name = 'model.embed_tokens.weight';
  const { vocabSize, hiddenSize } = config;
  const matrix = await read(name);
  const isWhole = hiddenSize % byteBlock === 0;
  if (precision === 'fp32' || (device === 'webgpu' && !isWhole)) {
    const table = await graph.weight(embeddingTable, 'float32', [vocabSize, hiddenSize], matrix);
    return graph.op('Gather', [table, decoderInputs.tokens]);
  }
  if (device === 'webgpu') return blockEmbedding(graph, matrix, vocabSize, hiddenSize);
  const { codes, scales } = quantiseRows(matrix, vocabSize, hiddenSize);
  const table = await graph.weight(embeddingTable, 'int8', [vocabSize, hiddenSize], codes);
  const scale = await graph.weight('embedding.scale', 'float32', [vocabSize, 1], scales);
  const rows = graph.op('Cast', [graph.op('Gather', [table, decoderInputs.tokens])], { to: 1 });
  return graph.op('Mul', [rows, graph.op('Gather', [scale, decoderInputs.tokens])]);
}

/** Rows of a matrix in blocks of 8 bits. */
async function blockEmbedding(graph: Graph, matrix: Float32Array, rows: number, columns: number) {
  const { codes, scales, zeroPoints } = quantiseBytes(matrix, rows, columns, byteBlock);
  const blocks = columns / byteBlock;
  const table = await graph.weight(embeddingTable, 'uint8', [rows, columns], codes);
  const scale = await graph.weight('embedding.scale', 'float32', [rows, blocks], scales);
  const zero = await graph.weight('embedding.zero', 'uint8', [rows, blocks], zeroPoints);
  const attributes = { bits: 8, block_size: byteBlock, gather_axis: 0, quantize_axis: 1 };
  return graph.ms('GatherBlockQuantized', [table, decoderInputs.tokens, scale, zero], attributes);
}

/** Adds what is pending to the residual stream and normalises the sum. */
async function emitNorm({ graph, config, read }: Emitter, residual: Residual, name: string) {
  const { hiddenSize, normEps } = config;
  const weight = await graph.weight(name, 'float32', [hiddenSize], await read(`${name}.weight`));
  const isRms = config.norm === 'rms';
  const parameters = isRms
    ? [weight]
    : [weight, await graph.weight(`${name}.bias`, 'float32', [hiddenSize], await read(`${name}.bias`))];
  if (residual.pending === undefined) {
    const attributes = { axis: -1, epsilon: float(normEps) };
    const opType = isRms ? 'SimplifiedLayerNormalization' : 'LayerNormalization';
    return { normed: graph.op(opType, [residual.stream, ...parameters], attributes), sum: residual.stream };
  }
  const opType = isRms ? 'SkipSimplifiedLayerNormalization' : 'SkipLayerNormalization';
  return graph.skipNorm(opType, [residual.stream, residual.pending, ...parameters], normEps);
}

async function emitAttentionBlock(
  emitter: Emitter,
  layer: number,
  residual: Residual,
  tables: { cos: string; sin: string },
): Promise<Residual> {
  const { graph, linear, config, device } = emitter;
  const { heads, kvHeads, headDim } = config;
  const prefix = `model.layers.${layer}`;
  const { normed, sum } = await emitNorm(emitter, residual, `${prefix}.input_layernorm`);

  const names = ['q_proj', 'k_proj', 'v_proj'].map((part) => `${prefix}.self_attn.${part}`);
  const [q, kv] = [heads * headDim, kvHeads * headDim];
  const qkv = await readLinear(emitter, names, [q, kv, kv], config.hiddenSize, config.qkvBias);
  const projected = await linear.product({ value: normed }, `${prefix}.qkv`, qkv);

  const isCpu = device === 'cpu';
  const nameOf = (kind: 'key' | 'value') => [undefined, isCpu ? newName(kind, layer) : undefined];
  const [plain, value] = graph.split(projected, [q + kv, kv], 1, nameOf('value'));
  const shaped = config.qkNorm ? await emitHeadNorms(emitter, plain as string, prefix) : (plain as string);
  // Queries and keys turn by the same angles: one operator rotates both as so many heads.
  const rotated = emitRotation(graph, config, shaped, heads + kvHeads, tables);
  const [query, key] = graph.split(rotated, [q, kv], 1, nameOf('key'));
  if (isCpu)
    for (const kind of ['key', 'value'] as const) graph.output(newName(kind, layer), 'float32', ['rows', kv]);

  const attend = isCpu ? blockAttention : groupedAttention;
  const attended = attend(graph, layer, config, query as string, key as string, value as string);
  const outputName = `${prefix}.self_attn.o_proj`;
  const out = await readLinear(emitter, [outputName], [config.hiddenSize], q, config.outputBias);
  return { stream: sum, pending: await linear.product({ value: attended }, `${prefix}.o`, out) };
}

/** Queries and keys side by side, `[rows, (heads + kvHeads) * headDim]`, every head normalised by itself. */
async function emitHeadNorms(emitter: Emitter, x: string, prefix: string): Promise<string> {
  const { graph, config } = emitter;
  const { heads, kvHeads, headDim } = config;
  const [query, key] = graph.split(x, [heads * headDim, kvHeads * headDim], 1) as [string, string];
  const queries = await emitHeadNorm(emitter, query, heads, `${prefix}.self_attn.q_norm`);
  const keys = await emitHeadNorm(emitter, key, kvHeads, `${prefix}.self_attn.k_norm`);
  return graph.op('Concat', [queries, keys], { axis: 1 });
}

/** `[rows, count * headDim]`: every head normalised by itself. */
async function emitHeadNorm({ graph, config, read }: Emitter, x: string, count: number, name: string) {
  const { headDim, normEps } = config;
  const weight = await graph.weight(name, 'float32', [headDim], await read(`${name}.weight`));
  const perHead = graph.op('Reshape', [x, graph.ints([-1, headDim])]);
  const attributes = { axis: -1, epsilon: float(normEps) };
  const normed = graph.op('SimplifiedLayerNormalization', [perHead, weight], attributes);
  return graph.op('Reshape', [normed, graph.ints([-1, count * headDim])]);
}

/** Rotates the first `rope.dim` dimensions of every head by its row's position. */
function emitRotation(
  graph: Graph,
  { headDim, rope }: ModelConfig,
  x: string,
  count: number,
  tables: { cos: string; sin: string },
): string {
  const batched = graph.op('Reshape', [x, graph.ints([1, -1, count * headDim])]);
  const rotated = graph.ms('RotaryEmbedding', [batched, decoderInputs.positions, tables.cos, tables.sin], {
    num_heads: count,
    rotary_embedding_dim: rope.dim === headDim ? 0 : rope.dim,
    interleaved: rope.layout === 'interleaved' ? 1 : 0,
  });
  return graph.op('Reshape', [rotated, graph.ints([-1, count * headDim])]);
}

async function emitFeedForwardBlock(emitter: Emitter, layer: number, residual: Residual): Promise<Residual> {
  const { graph, linear, config } = emitter;
  const { hiddenSize, intermediateSize, mlpBias } = config;
  const prefix = `model.layers.${layer}.mlp`;
  const norm = `model.layers.${layer}.post_attention_layernorm`;
  const { normed, sum } = await emitNorm(emitter, residual, norm);
  const weights = (part: string, outputs: number, inputs: number) =>
    readLinear(emitter, [`${prefix}.${part}`], [outputs], inputs, mlpBias);
  const input: Scaled = { value: normed };

  if (config.activation === 'gelu-tanh') {
    const fc = await weights('c_fc', intermediateSize, hiddenSize);
    const hidden = graph.ms('FastGelu', [await linear.product(input, `${prefix}.c_fc`, fc)]);
    const proj = await weights('c_proj', hiddenSize, intermediateSize);
    return { stream: sum, pending: await linear.product({ value: hidden }, `${prefix}.c_proj`, proj) };
  }
  const gateWeights = await weights('gate_proj', intermediateSize, hiddenSize);
  const gate = await linear.product(input, `${prefix}.gate_proj`, gateWeights);
  const upWeights = await weights('up_proj', intermediateSize, hiddenSize);
  const up = await linear.unscaledProduct(input, `${prefix}.up_proj`, upWeights);
  // With alpha 1, QuickGelu is x * sigmoid(x): SiLU in one operator.
  const silu = graph.ms('QuickGelu', [gate], { alpha: float(1) });
  const hidden: Scaled = { value: graph.op('Mul', [silu, up.value]), rowScale: up.rowScale };
  const downWeights = await weights('down_proj', hiddenSize, intermediateSize);
  return { stream: sum, pending: await linear.product(hidden, `${prefix}.down_proj`, downWeights) };
}

async function emitHead(emitter: Emitter, residual: Residual): Promise<void> {
  const { precision, graph, linear, config } = emitter;
  const { normed } = await emitNorm(emitter, residual, 'model.norm');
  const wanted = graph.op('Gather', [normed, decoderInputs.wantedRows]);
  if (config.tiedEmbeddings && precision === 'fp32') {
    // At full precision one matrix can serve both ends; quantised ones differ in layout.
    graph.op('Gemm', [wanted, embeddingTable], { transB: 1 }, logitsOutput);
  } else {
    const name = config.tiedEmbeddings ? 'model.embed_tokens' : 'lm_head';
    const weights = await readLinear(emitter, [name], [config.vocabSize], config.hiddenSize, false);
    await linear.vocabularyProduct(wanted, 'head', weights, logitsOutput);
  }
  graph.output(logitsOutput, 'float32', ['wanted', config.vocabSize]);
}

/** Several projections of the same input, as one matrix: their outputs stand side by side. */
async function readLinear(
  { read }: Emitter,
  names: readonly string[],
  outputs: readonly number[],
  inputs: number,
  hasBias: boolean,
): Promise<LinearWeights> {
  const total = outputs.reduce((sum, n) => sum + n, 0);
  const join = async (suffix: string, width: number) => {
    if (names.length === 1) return read(`${names[0]}.${suffix}`);
    const joined = new Float32Array(total * width);
    let offset = 0;
    for (const name of names) {
      const part = await read(`${name}.${suffix}`);
      joined.set(part, offset);
      offset += part.length;
    }
    return joined;
  };
  return {
    matrix: await join('weight', inputs),
    outputs: total,
    inputs,
    bias: hasBias ? await join('bias', 1) : undefined,
  };
}
