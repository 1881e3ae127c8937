import { type ReferenceConfig, readReferenceConfig } from './config';
import { add, attention, gated, geluTanh, layerNorm, linear, type Rows, rmsNorm } from './layers';
import { ropeFrequencies, rotate } from './rope';
import { readTensors, type Tensor } from './safetensors';

export interface ReferenceModel {
  readonly config: ReferenceConfig;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export interface ReferenceInput {
  /** Position of each token; 0, 1, 2, ... where left out. */
  readonly positions?: readonly number[];
  /** May query i see key j? Every j <= i where left out. */
  readonly mask?: (query: number, key: number) => boolean;
}

export function loadReference(directory: string): ReferenceModel {
  return { config: readReferenceConfig(directory), tensors: readTensors(directory) };
}

/**
 * Logits [vocab] of every token by plain loops in double precision, following transformers'
 * modeling_{llama,mistral,qwen2,qwen3,starcoder2}.py. No cache, no graph, nothing shared with the engine.
 */
export function referenceLogits(
  model: ReferenceModel | string,
  ids: readonly number[],
  { positions = ids.map((_, i) => i), mask = (query, key) => key <= query }: ReferenceInput = {},
): Rows {
  const { config, tensors } = typeof model === 'string' ? loadReference(model) : model;
  const tensor = (name: string) => {
    const found = tensors.get(name);
    if (found === undefined) throw new Error(`the model has no tensor ${name}`);
    return found;
  };
  const project = (rows: Rows, name: string) =>
    linear(rows, tensor(`${name}.weight`), tensors.get(`${name}.bias`));
  const normalise = (rows: Rows, name: string) =>
    rows.map((row) =>
      config.modelType === 'starcoder2'
        ? layerNorm(row, tensor(`${name}.weight`), tensor(`${name}.bias`), config.normEps)
        : rmsNorm(row, tensor(`${name}.weight`), config.normEps),
    );
  const frequencies = ropeFrequencies(config.rope);
  const visible = (query: number, key: number) =>
    mask(query, key) && entry(positions, query) - entry(positions, key) < config.window;

  const attend = (rows: Rows, prefix: string): Rows => {
    /** Qwen3 normalises each head of queries and keys, before they are rotated. */
    const headNorm = (x: Rows, name: string) =>
      config.modelType === 'qwen3'
        ? x.map((row) => rmsNorm(row, tensor(`${prefix}.${name}.weight`), config.normEps))
        : x;
    const q = headNorm(project(rows, `${prefix}.q_proj`), 'q_norm');
    const k = headNorm(project(rows, `${prefix}.k_proj`), 'k_norm');
    const v = project(rows, `${prefix}.v_proj`);
    for (const side of [q, k]) {
      side.forEach((row, i) => {
        rotate(row, config.headDim, frequencies, entry(positions, i), config.rope.interleaved);
      });
    }
    return project(attention(q, k, v, config, visible), `${prefix}.o_proj`);
  };
  const feedForward = (rows: Rows, prefix: string): Rows => {
    if (config.modelType === 'starcoder2') {
      return project(
        project(rows, `${prefix}.c_fc`).map((row) => row.map(geluTanh)),
        `${prefix}.c_proj`,
      );
    }
    const hidden = gated(project(rows, `${prefix}.gate_proj`), project(rows, `${prefix}.up_proj`));
    return project(hidden, `${prefix}.down_proj`);
  };

  const embeddings = tensor('model.embed_tokens.weight');
  let rows: Rows = ids.map((id) => embeddings.data.slice(id * config.hidden, (id + 1) * config.hidden));
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `model.layers.${layer}`;
    rows = add(rows, attend(normalise(rows, `${block}.input_layernorm`), `${block}.self_attn`));
    rows = add(rows, feedForward(normalise(rows, `${block}.post_attention_layernorm`), `${block}.mlp`));
  }
  return linear(normalise(rows, 'model.norm'), config.tied ? embeddings : tensor('lm_head.weight'));
}

function entry(values: readonly number[], index: number): number {
  return values[index] as number;
}
