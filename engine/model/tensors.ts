import type { ModelConfig } from './config';

export interface TensorSpec {
  /** Hugging Face's name. */
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Every tensor that a decoder of this configuration needs, under transformers' names. Linear weights are
 * `[out, in]`. The query, key and value rows are head-major: `[heads * headDim, hiddenSize]`.
 */
export function requiredTensors(config: ModelConfig): TensorSpec[] {
  const { hiddenSize, vocabSize } = config;
  const specs: TensorSpec[] = [{ name: 'model.embed_tokens.weight', shape: [vocabSize, hiddenSize] }];
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `model.layers.${layer}`;
    specs.push(
      ...norm(config, `${at}.input_layernorm`),
      ...attention(config, `${at}.self_attn`),
      ...norm(config, `${at}.post_attention_layernorm`),
      ...mlp(config, `${at}.mlp`),
    );
  }
  specs.push(...norm(config, 'model.norm'));
  if (!config.tiedEmbeddings) specs.push({ name: 'lm_head.weight', shape: [vocabSize, hiddenSize] });
  return specs;
}

function norm(config: ModelConfig, name: string): TensorSpec[] {
  const parts = config.norm === 'layer' ? ['weight', 'bias'] : ['weight'];
  return parts.map((part) => ({ name: `${name}.${part}`, shape: [config.hiddenSize] }));
}

function linear(name: string, out: number, input: number, bias: boolean): TensorSpec[] {
  const weight = { name: `${name}.weight`, shape: [out, input] };
  return bias ? [weight, { name: `${name}.bias`, shape: [out] }] : [weight];
}

function attention(config: ModelConfig, at: string): TensorSpec[] {
  const { hiddenSize, headDim, qkvBias } = config;
  const queries = config.heads * headDim;
  const keys = config.kvHeads * headDim;
  const specs = [
    ...linear(`${at}.q_proj`, queries, hiddenSize, qkvBias),
    ...linear(`${at}.k_proj`, keys, hiddenSize, qkvBias),
    ...linear(`${at}.v_proj`, keys, hiddenSize, qkvBias),
    ...linear(`${at}.o_proj`, hiddenSize, queries, config.outputBias),
  ];
  if (config.qkNorm) {
    specs.push({ name: `${at}.q_norm.weight`, shape: [headDim] });
    specs.push({ name: `${at}.k_norm.weight`, shape: [headDim] });
  }
  return specs;
}

function mlp(config: ModelConfig, at: string): TensorSpec[] {
  const { hiddenSize, intermediateSize, mlpBias } = config;
  if (config.activation === 'gelu-tanh') {
    return [
      ...linear(`${at}.c_fc`, intermediateSize, hiddenSize, mlpBias),
      ...linear(`${at}.c_proj`, hiddenSize, intermediateSize, mlpBias),
    ];
  }
  return [
    ...linear(`${at}.gate_proj`, intermediateSize, hiddenSize, mlpBias),
    ...linear(`${at}.up_proj`, intermediateSize, hiddenSize, mlpBias),
    ...linear(`${at}.down_proj`, hiddenSize, intermediateSize, mlpBias),
  ];
}
