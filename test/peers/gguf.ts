import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ReferenceConfig, referenceConfig } from '../reference/config';
import { ropeFrequencies } from '../reference/rope';
import { elementCount, openTensors, type StoredTensor } from '../reference/safetensors';
import type { GgufType } from './blocks';
import { type GgufTensor, type MetadataValue, writeGguf } from './ggufFile';
import { tokenizerMetadata } from './ggufTokenizer';

type Raw = Readonly<Record<string, unknown>>;

/**
 * Writes a Hugging Face folder (llama, mistral, qwen2, qwen3, starcoder2) as the GGUF file that llama.cpp
 * makes of it (convert_hf_to_gguf.py). Matrices take `type`, vectors stay F32 as there.
 */
export function convertToGguf(directory: string, path: string, type: GgufType): void {
  const raw = JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8')) as Raw;
  const config = referenceConfig(raw);
  const tensors = [...openTensors(directory)].flatMap(([name, tensor]) =>
    config.tied && name === 'lm_head.weight' ? [] : [convertTensor(config, name, tensor, type)],
  );
  if (config.rope.type === 'llama3') tensors.push(ropeFactors(config));
  const metadata = new Map([
    ...modelMetadata(raw, config, type),
    ...tokenizerMetadata(directory, config.vocab),
    ...specialTokens(raw),
  ]);
  writeGguf(path, metadata, tensors);
}

function architecture(config: ReferenceConfig): string {
  return config.modelType === 'mistral' ? 'llama' : config.modelType;
}

function modelMetadata(raw: Raw, config: ReferenceConfig, type: GgufType): [string, MetadataValue][] {
  const name = architecture(config);
  const epsilon = name === 'starcoder2' ? 'layer_norm_epsilon' : 'layer_norm_rms_epsilon';
  const count = (key: string, value: number): [string, MetadataValue] => [`${name}.${key}`, { u32: value }];
  const scaling: [string, MetadataValue][] =
    config.rope.type === 'linear'
      ? [
          [`${name}.rope.scaling.type`, { string: 'linear' }],
          [`${name}.rope.scaling.factor`, { f32: config.rope.factor }],
        ]
      : [];
  return [
    ['general.architecture', { string: name }],
    ['general.name', { string: 'peer' }],
    ['general.file_type', { u32: { F32: 0, Q4_0: 2, Q8_0: 7 }[type] }],
    ['general.quantization_version', { u32: 2 }],
    count('context_length', raw.max_position_embeddings as number),
    count('embedding_length', config.hidden),
    count('block_count', config.layers),
    count('feed_forward_length', raw.intermediate_size as number),
    count('attention.head_count', config.heads),
    count('attention.head_count_kv', config.kvHeads),
    count('attention.key_length', config.headDim),
    count('attention.value_length', config.headDim),
    count('rope.dimension_count', config.rope.dimensions),
    count('vocab_size', config.vocab),
    [`${name}.attention.${epsilon}`, { f32: config.normEps }],
    [`${name}.rope.freq_base`, { f32: config.rope.theta }],
    ...scaling,
  ];
}

function specialTokens(raw: Raw): [string, MetadataValue][] {
  const first = (value: unknown) => (Array.isArray(value) ? value[0] : value) as number | null | undefined;
  return ['bos', 'eos'].flatMap((kind): [string, MetadataValue][] => {
    const id = first(raw[`${kind}_token_id`]);
    return typeof id === 'number' ? [[`tokenizer.ggml.${kind}_token_id`, { u32: id }]] : [];
  });
}

const blockNames: Record<string, string> = {
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'self_attn.q_norm': 'attn_q_norm',
  'self_attn.k_norm': 'attn_k_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
  'mlp.c_fc': 'ffn_up',
  'mlp.c_proj': 'ffn_down',
  input_layernorm: 'attn_norm',
  post_attention_layernorm: 'ffn_norm',
};

const otherNames: Record<string, string> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
};

function ggufName(name: string): string {
  const [, layer, part = name, kind] = /^(?:model\.layers\.(\d+)\.)?(.*)\.(weight|bias)$/.exec(name) ?? [];
  const mapped = layer === undefined ? otherNames[part] : blockNames[part];
  if (mapped === undefined) throw new Error(`no GGUF name for the tensor ${name}`);
  return layer === undefined ? `${mapped}.${kind}` : `blk.${layer}.${mapped}.${kind}`;
}

function convertTensor(
  config: ReferenceConfig,
  name: string,
  tensor: StoredTensor,
  type: GgufType,
): GgufTensor {
  const quantisable = tensor.shape.length === 2 && (tensor.shape[1] ?? 0) % 32 === 0;
  const converted = {
    name: ggufName(name),
    shape: tensor.shape,
    type: quantisable ? type : ('F32' as const),
  };
  const rotated = /self_attn\.[qk]_proj\./.test(name) && architecture(config) === 'llama';
  if (!rotated) return { ...converted, read: tensor.read };
  const data = interleaveRotated(tensor, config);
  return { ...converted, read: (from, to) => data.subarray(from, to) };
}

/**
 * llama.cpp's llama rotates neighbours (2i, 2i + 1), transformers dimension i with i + half: the rows
 * of the query and key projections change places within each head. Its other architectures rotate halves.
 */
function interleaveRotated(tensor: StoredTensor, { headDim, rope }: ReferenceConfig): Float64Array {
  const source = tensor.read(0, elementCount(tensor.shape));
  const [rows = 0, columns = 1] = tensor.shape;
  const half = rope.dimensions / 2;
  const result = source.slice();
  for (let head = 0; head < rows; head += headDim) {
    for (let i = 0; i < rope.dimensions; i++) {
      const from = head + (i % half) + Math.floor(i / half) * half;
      const to = head + (i % half) * 2 + Math.floor(i / half);
      result.set(source.subarray(from * columns, (from + 1) * columns), to * columns);
    }
  }
  return result;
}

/** By how much llama.cpp divides each pair's frequency: how it stores Llama 3's RoPE scaling. */
function ropeFactors({ rope }: ReferenceConfig): GgufTensor {
  const scaled = ropeFrequencies(rope);
  const factors = ropeFrequencies({ ...rope, type: 'default' }).map((plain, i) => plain / (scaled[i] ?? 1));
  return {
    name: 'rope_freqs.weight',
    shape: [factors.length],
    type: 'F32',
    read: (from, to) => factors.subarray(from, to),
  };
}
