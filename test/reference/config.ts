import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the forward pass needs of a config.json, with the defaults of transformers' configuration classes. */
export interface ReferenceConfig {
  readonly modelType: string;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly vocab: number;
  readonly normEps: number;
  readonly tied: boolean;
  /** Key j is visible to query i if i - j < window. */
  readonly window: number;
  readonly rope: RopeParameters;
}

export interface RopeParameters {
  readonly theta: number;
  /** Leading dimensions of each head that are rotated. */
  readonly dimensions: number;
  /** A pair is dimensions 2i and 2i + 1, not i and i + half. */
  readonly interleaved: boolean;
  readonly type: string;
  readonly factor: number;
  readonly lowFrequencyFactor: number;
  readonly highFrequencyFactor: number;
  readonly originalPositions: number;
}

type Raw = Record<string, unknown>;

export function readReferenceConfig(directory: string): ReferenceConfig {
  return referenceConfig(JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')) as Raw);
}

export function referenceConfig(raw: Raw): ReferenceConfig {
  const number = (name: string, otherwise: number) => (raw[name] as number | null | undefined) ?? otherwise;
  const modelType = raw.model_type as string;
  const hidden = number('hidden_size', Number.NaN);
  const heads = number('num_attention_heads', Number.NaN);
  const headDim = number('head_dim', modelType === 'qwen3' ? 128 : hidden / heads);
  const isStarCoder = modelType === 'starcoder2';
  const isQwen = modelType === 'qwen2' || modelType === 'qwen3';
  const windowed = isQwen ? raw.use_sliding_window === true : true;
  return {
    modelType,
    hidden,
    layers: number('num_hidden_layers', Number.NaN),
    heads,
    kvHeads: number('num_key_value_heads', heads),
    headDim,
    vocab: number('vocab_size', Number.NaN),
    normEps: isStarCoder ? number('norm_epsilon', 1e-5) : number('rms_norm_eps', 1e-6),
    tied: (raw.tie_word_embeddings as boolean | undefined) ?? isStarCoder,
    window: windowed ? number('sliding_window', Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY,
    rope: ropeParameters(raw, headDim),
  };
}

/** `rope_scaling` beside `rope_theta` until transformers 4, both inside `rope_parameters` since 5. */
function ropeParameters(raw: Raw, headDim: number): RopeParameters {
  const nested = (raw.rope_parameters ?? raw.rope_scaling ?? {}) as Raw;
  const number = (name: string, otherwise: number) =>
    ((nested[name] ?? raw[name]) as number | null | undefined) ?? otherwise;
  return {
    theta: number('rope_theta', 10_000),
    dimensions: Math.floor(headDim * number('partial_rotary_factor', 1)),
    interleaved: raw.rope_interleave === true,
    type: (nested.rope_type ?? nested.type ?? 'default') as string,
    factor: number('factor', 1),
    lowFrequencyFactor: number('low_freq_factor', 1),
    highFrequencyFactor: number('high_freq_factor', 4),
    originalPositions: number(
      'original_max_position_embeddings',
      number('max_position_embeddings', Number.NaN),
    ),
  };
}
