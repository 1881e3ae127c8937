import type { TinyModelOptions } from '../../support/tinyModel';

export interface NumericsCase {
  readonly name: string;
  readonly model: TinyModelOptions;
  /** llama.cpp has this architecture only with, or only without, these biases. */
  readonly notInLlamaCpp?: true;
}

const linear = { type: 'linear', factor: 4 };
const llama3 = {
  rope_type: 'llama3',
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 64,
};

/** Between them every architecture, RoPE scaling, dtype, tied and untied output, and grouping of heads. */
export const numericsCases: readonly NumericsCase[] = [
  { name: 'llama', model: { architecture: 'llama', seed: 1 } },
  { name: 'llama, bf16, untied', model: { architecture: 'llama', seed: 2, dtype: 'BF16', tied: false } },
  { name: 'llama, biases, one kv head', model: { architecture: 'llama', seed: 3, biases: true, kvHeads: 1 } },
  {
    name: 'llama, linear RoPE (DeepSeek-Coder)',
    model: { architecture: 'llama', seed: 4, ropeScaling: linear, tied: false },
  },
  {
    name: 'llama, llama3 RoPE, fp16',
    model: { architecture: 'llama', seed: 5, ropeScaling: llama3, dtype: 'F16' },
  },
  {
    name: 'llama, head size apart from the width',
    model: { architecture: 'llama', seed: 6, headDim: 32, kvHeads: 4 },
  },
  {
    name: 'llama, half of each head rotated, neighbours together',
    model: {
      architecture: 'llama',
      seed: 14,
      config: { partial_rotary_factor: 0.5, rope_interleave: true },
    },
    notInLlamaCpp: true,
  },
  { name: 'mistral, bf16', model: { architecture: 'mistral', seed: 7, dtype: 'BF16', tied: false } },
  { name: 'qwen2', model: { architecture: 'qwen2', seed: 8, ropeTheta: 1_000_000 } },
  {
    name: 'qwen2, linear RoPE, untied, shards',
    model: { architecture: 'qwen2', seed: 9, ropeScaling: linear, tied: false, shards: 3 },
  },
  { name: 'qwen3', model: { architecture: 'qwen3', seed: 10, headDim: 32 } },
  {
    name: 'qwen3, bf16, untied, biases',
    model: { architecture: 'qwen3', seed: 11, dtype: 'BF16', tied: false, biases: true },
    notInLlamaCpp: true,
  },
  { name: 'starcoder2', model: { architecture: 'starcoder2', seed: 12 } },
  {
    name: 'starcoder2, fp16, untied, no biases',
    model: { architecture: 'starcoder2', seed: 13, dtype: 'F16', tied: false, biases: false },
    notInLlamaCpp: true,
  },
];
