import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readConfig } from '../../engine/model/config';
import { requiredTensors } from '../../engine/model/weights';
import { seededRandom } from './random';
import { type Dtype, elements, type TensorSource, writeWeights } from './safetensors';

export interface TinyModelOptions {
  /** Hugging Face's model_type. */
  readonly architecture: 'llama' | 'mistral' | 'qwen2' | 'qwen3' | 'starcoder2';
  readonly seed: number;
  readonly dtype?: Dtype;
  readonly tied?: boolean;
  /** The `rope_scaling` object of config.json. */
  readonly ropeScaling?: object;
  readonly ropeTheta?: number;
  readonly shards?: number;
  readonly layers?: number;
  readonly hidden?: number;
  readonly heads?: number;
  readonly kvHeads?: number;
  readonly headDim?: number;
  readonly intermediate?: number;
  /** 8,192 takes the default model's tokenizer, any other size one of 256 bytes and Qwen's control tokens. */
  readonly vocab?: number;
  readonly maxPositions?: number;
  /** Biases where they are optional (llama, mistral, qwen3; starcoder2 has them unless this is false). */
  readonly biases?: boolean;
  readonly fimOrder?: 'psm' | 'spm';
  /** Laid over config.json last. */
  readonly config?: object;
}

const defaultTokenizer = join(import.meta.dirname, '../../models/default/tokenizer.json');
const controlTokens = [
  '<|endoftext|>',
  '<|fim_prefix|>',
  '<|fim_middle|>',
  '<|fim_suffix|>',
  '<|fim_pad|>',
  '<|repo_name|>',
  '<|file_sep|>',
];

/**
 * Writes a Hugging Face folder with random weights: small, but with everything that the architecture has. The weights
 * are scaled so that activations keep their size through the layers and logits spread by a few units.
 */
export async function writeTinyModel(dir: string, options: TinyModelOptions): Promise<void> {
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'config.json'), JSON.stringify(tinyConfig(options), null, 1));
  await writeTokenizer(dir, options.vocab ?? 320);
  if (options.fimOrder !== undefined) {
    await writeFile(join(dir, 'README.md'), `---\nfim_order: ${options.fimOrder}\n---\n\n# Random weights\n`);
  }
  const specs = requiredTensors(await readConfig(dir));
  const tensors = specs.map(
    ({ name, shape }, i): TensorSource => ({
      name,
      shape,
      values: () => randomTensor(name, shape, options.seed * 1009 + i),
    }),
  );
  await writeWeights(dir, tensors, options.dtype ?? 'F32', options.shards ?? 1);
}

function tinyConfig(options: TinyModelOptions): object {
  const { architecture, vocab = 320, hidden = 64, heads = 4, biases } = options;
  const end = vocab === 8192 ? 8185 : 256;
  const own =
    architecture === 'starcoder2'
      ? {
          hidden_act: 'gelu_pytorch_tanh',
          norm_epsilon: 1e-5,
          use_bias: biases ?? true,
          sliding_window: null,
        }
      : { hidden_act: 'silu', rms_norm_eps: 1e-6, attention_bias: biases ?? false };
  return {
    model_type: architecture,
    hidden_size: hidden,
    intermediate_size: options.intermediate ?? hidden * 2,
    num_hidden_layers: options.layers ?? 2,
    num_attention_heads: heads,
    num_key_value_heads: options.kvHeads ?? 2,
    ...(options.headDim === undefined ? {} : { head_dim: options.headDim }),
    ...(architecture === 'qwen3' && options.headDim === undefined ? { head_dim: hidden / heads } : {}),
    vocab_size: vocab,
    max_position_embeddings: options.maxPositions ?? 512,
    rope_theta: options.ropeTheta ?? 10_000,
    ...(options.ropeScaling === undefined ? {} : { rope_scaling: options.ropeScaling }),
    ...own,
    ...(architecture === 'llama' ? { mlp_bias: biases ?? false } : {}),
    ...(architecture === 'mistral' ? { sliding_window: null } : {}),
    tie_word_embeddings: options.tied ?? true,
    bos_token_id: end,
    eos_token_id: end,
    ...options.config,
  };
}

async function writeTokenizer(dir: string, vocab: number): Promise<void> {
  const path = join(dir, 'tokenizer.json');
  if (vocab === 8192) return copyFile(defaultTokenizer, path);
  await writeFile(path, JSON.stringify(byteTokenizer()));
}

/** One token per byte, ids 0 to 255, then the control tokens. */
export function byteTokenizer(controls: readonly string[] = controlTokens): object {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false };
  const vocab: Record<string, number> = {};
  let standIn = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const isPrintable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    vocab[String.fromCodePoint(isPrintable ? byte : standIn++)] = byte;
  }
  return {
    version: '1.0',
    added_tokens: controls.map((content, i) => ({
      id: 256 + i,
      content,
      special: true,
      normalized: false,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: byteLevel,
    decoder: byteLevel,
    model: { type: 'BPE', byte_fallback: false, vocab, merges: [] },
  };
}

/** Uniform noise: as good as normal here, and several times as fast for models of real size. */
function randomTensor(name: string, shape: readonly number[], seed: number): Float32Array {
  const random = seededRandom(seed);
  const { mean, deviation } = distribution(name, shape);
  const values = new Float32Array(elements(shape));
  const width = deviation * 2 * Math.sqrt(3);
  for (let i = 0; i < values.length; i++) values[i] = mean + (random() - 0.5) * width;
  return values;
}

function distribution(name: string, shape: readonly number[]): { mean: number; deviation: number } {
  if (name.endsWith('.bias')) return { mean: 0, deviation: 0.1 };
  const inputs = shape[1];
  if (inputs === undefined) return { mean: 1, deviation: 0.2 };
  const isVocabulary = name.startsWith('lm_head') || name.includes('embed_tokens');
  return { mean: 0, deviation: (isVocabulary ? 2 : 1) / Math.sqrt(inputs) };
}
