import { join } from 'node:path';
import { SlipstreamError } from '../errors';
import { type FieldReader, fieldReader } from './configFields';
import { corrupt, readJson } from './files';
import { type RopeConfig, readRope } from './rope';

export type Architecture = 'llama' | 'qwen2' | 'qwen3' | 'starcoder2';

/** A decoder-only transformer in our own terms, whatever spelling its config.json used. */
export interface ModelConfig {
  readonly architecture: Architecture;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly vocabSize: number;
  /** Positions the model was made for, counted in tokens. */
  readonly maxPositions: number;
  readonly normEps: number;
  readonly norm: 'rms' | 'layer';
  /** `silu-gated`: down(silu(gate(x)) * up(x)); `gelu-tanh`: c_proj(gelu_tanh(c_fc(x))). */
  readonly activation: 'silu-gated' | 'gelu-tanh';
  /** Whether the output matrix is the embedding matrix. */
  readonly tiedEmbeddings: boolean;
  readonly qkvBias: boolean;
  readonly outputBias: boolean;
  readonly mlpBias: boolean;
  /** RMS norm over each head's query and key before the rotation (qwen3). */
  readonly qkNorm: boolean;
  readonly rope: RopeConfig;
  /**
   * Set where attention reaches back only this many tokens and that is less than `maxPositions`. We emit
   * full attention, which is the same thing as long as the caller keeps the context within the window.
   */
  readonly slidingWindow?: number | undefined;
  /** From config.json and generation_config.json, without repeats. */
  readonly eosTokenIds: readonly number[];
  readonly bosTokenId?: number | undefined;
}

/** Far beyond every published model, and small enough that a product of two stays an exact integer. */
const limits = {
  size: 1 << 20,
  layers: 1024,
  heads: 1024,
  headDim: 1024,
  vocab: 1 << 22,
  positions: 1 << 27,
};

const architectures = new Map<string, Architecture>([
  ['llama', 'llama'],
  ['mistral', 'llama'],
  ['qwen2', 'qwen2'],
  ['qwen3', 'qwen3'],
  ['starcoder2', 'starcoder2'],
]);
const supportedModels = 'llama, mistral, qwen2, qwen3 and starcoder2';

/**
 * Reads a Hugging Face folder's `config.json` (and the end tokens of `generation_config.json`).
 * Field names and defaults are those of transformers' configuration classes.
 * @throws SlipstreamError model-missing, model-unreadable, model-corrupt (an absurd value, naming its field)
 * or model-unsupported (naming what is supported).
 */
export async function readConfig(dir: string): Promise<ModelConfig> {
  const path = join(dir, 'config.json');
  const fields = fieldReader(path, await readJson(path));
  const modelType = readModelType(dir, fields);
  const architecture = architectures.get(modelType);
  if (architecture === undefined) {
    throw unsupported(dir, `is of the type "${modelType}"`, supportedModels);
  }
  rejectUnsupportedParts(dir, fields);

  const dimensions = readDimensions(path, fields, architecture);
  const maxPositions = fields.integer('max_position_embeddings', { min: 32, max: limits.positions });
  const generation = await readJson(join(dir, 'generation_config.json'), 'optional');
  const generationFields = fieldReader(join(dir, 'generation_config.json'), generation ?? {});
  return {
    architecture,
    ...dimensions,
    maxPositions,
    ...readBlock(dir, fields, architecture),
    rope: readRope(dir, fields, dimensions.headDim),
    slidingWindow: readSlidingWindow(fields, modelType, maxPositions),
    eosTokenIds: [
      ...new Set([
        ...fields.tokenIds('eos_token_id', dimensions.vocabSize),
        ...generationFields.tokenIds('eos_token_id', dimensions.vocabSize),
      ]),
    ],
    bosTokenId: fields.tokenIds('bos_token_id', dimensions.vocabSize)[0],
  };
}

function readModelType(dir: string, fields: FieldReader): string {
  const modelType = fields.string('model_type');
  if (modelType !== undefined) return modelType;
  const listed = fields.raw.architectures;
  const className: unknown = Array.isArray(listed) ? listed[0] : undefined;
  if (typeof className === 'string') return className.replace(/For.*$/, '').toLowerCase();
  throw corrupt(join(dir, 'config.json'), 'does not say its model_type');
}

function rejectUnsupportedParts(dir: string, fields: FieldReader): void {
  for (const name of ['num_experts', 'num_local_experts', 'n_routed_experts']) {
    if ((fields.optionalInteger(name, { min: 0, max: limits.size }) ?? 0) > 0) {
      throw unsupported(dir, `is a mixture of experts (${name})`, `dense models: ${supportedModels}`);
    }
  }
  const quantization = fields.object('quantization_config');
  if (quantization !== undefined) {
    const method = quantization.string('quant_method') ?? 'an unnamed method';
    throw unsupported(
      dir,
      `has weights quantised with ${method}`,
      'F32, F16 and BF16 weights, quantising them itself',
    );
  }
}

function readDimensions(path: string, fields: FieldReader, architecture: Architecture) {
  const hiddenSize = fields.integer('hidden_size', { max: limits.size });
  const heads = fields.integer('num_attention_heads', { max: limits.heads });
  const kvHeads = fields.integer('num_key_value_heads', { max: limits.heads, fallback: heads });
  if (heads % kvHeads !== 0) {
    throw fields.invalid('num_key_value_heads', `a divisor of num_attention_heads = ${heads}`);
  }
  // Qwen3 fixes its head size in the configuration class; the others derive it.
  const derived = architecture === 'qwen3' ? 128 : hiddenSize / heads;
  const headDim = fields.optionalInteger('head_dim', { max: limits.headDim }) ?? derived;
  if (!Number.isInteger(headDim)) {
    throw fields.invalid('hidden_size', `a multiple of num_attention_heads = ${heads}`);
  }
  if (headDim > limits.headDim) {
    throw corrupt(path, `gives a head size of ${headDim}, more than ${limits.headDim}`);
  }
  return {
    hiddenSize,
    heads,
    kvHeads,
    headDim,
    intermediateSize: fields.integer('intermediate_size', { max: limits.size }),
    layers: fields.integer('num_hidden_layers', { max: limits.layers }),
    vocabSize: fields.integer('vocab_size', { max: limits.vocab }),
  };
}

/** What differs between the architectures inside one decoder block. */
function readBlock(dir: string, fields: FieldReader, architecture: Architecture) {
  const plainMlp = architecture === 'starcoder2';
  requireActivation(
    dir,
    fields,
    plainMlp ? ['gelu_pytorch_tanh', 'gelu_new', 'gelu_fast'] : ['silu', 'swish'],
  );
  if (plainMlp) {
    requireValue(dir, fields, 'mlp_type', 'default');
    requireValue(dir, fields, 'norm_type', 'layer_norm');
    const bias = fields.boolean('use_bias', true);
    return {
      norm: 'layer',
      normEps: readEpsilon(fields, 'norm_epsilon', 1e-5),
      activation: 'gelu-tanh',
      tiedEmbeddings: fields.boolean('tie_word_embeddings', true),
      qkvBias: bias,
      outputBias: bias,
      mlpBias: bias,
      qkNorm: false,
    } as const;
  }
  const attentionBias = architecture !== 'qwen2' && fields.boolean('attention_bias', false);
  return {
    norm: 'rms',
    normEps: readEpsilon(fields, 'rms_norm_eps', 1e-6),
    activation: 'silu-gated',
    tiedEmbeddings: fields.boolean('tie_word_embeddings', false),
    qkvBias: architecture === 'qwen2' || attentionBias,
    outputBias: attentionBias,
    mlpBias: architecture === 'llama' && fields.boolean('mlp_bias', false),
    qkNorm: architecture === 'qwen3',
  } as const;
}

function readEpsilon(fields: FieldReader, name: string, fallback: number): number {
  return fields.number(name, { above: 0, max: 0.1, fallback });
}

function requireActivation(dir: string, fields: FieldReader, accepted: readonly string[]): void {
  const activation = fields.string('hidden_act') ?? fields.string('activation_function');
  if (activation !== undefined && !accepted.includes(activation)) {
    throw unsupported(dir, `uses the activation "${activation}"`, `${accepted[0]} for this architecture`);
  }
}

function requireValue(dir: string, fields: FieldReader, name: string, accepted: string): void {
  const value = fields.string(name) ?? accepted;
  if (value !== accepted) throw unsupported(dir, `has ${name} "${value}"`, `"${accepted}"`);
}

function readSlidingWindow(fields: FieldReader, modelType: string, maxPositions: number): number | undefined {
  const isQwen = modelType === 'qwen2' || modelType === 'qwen3';
  if (isQwen && !fields.boolean('use_sliding_window', false)) return undefined;
  // transformers gives Mistral a window of 4,096 where the file is silent; an explicit null switches it off.
  const isSilent = fields.raw.sliding_window === undefined;
  const window =
    isSilent && modelType === 'mistral'
      ? 4096
      : fields.optionalInteger('sliding_window', { max: limits.positions });
  return window !== undefined && window < maxPositions ? window : undefined;
}

function unsupported(dir: string, what: string, supported: string): SlipstreamError {
  return new SlipstreamError(
    'model-unsupported',
    `Cannot load the model in ${dir} because it ${what}, and Slipstream runs ${supported}; choose another model.`,
  );
}
