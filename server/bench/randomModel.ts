import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ShapeName } from './names';
import { type RandomTensor, writeRandomTensors } from './randomTensors';
import { withScratch } from './scratch';

/** What sets apart the config.json of Qwen2.5-Coder's sizes: those that many people run. */
const shapes = {
  '0.5B': {
    hidden_size: 896,
    intermediate_size: 4864,
    num_hidden_layers: 24,
    num_attention_heads: 14,
    num_key_value_heads: 2,
  },
  '1.5B': {
    hidden_size: 1536,
    intermediate_size: 8960,
    num_hidden_layers: 28,
    num_attention_heads: 12,
    num_key_value_heads: 2,
  },
  '3B': {
    hidden_size: 2048,
    intermediate_size: 11_008,
    num_hidden_layers: 36,
    num_attention_heads: 16,
    num_key_value_heads: 2,
  },
} as const satisfies Record<ShapeName, object>;

type Shape = (typeof shapes)[ShapeName];

/** The rest of it as far as it says how the model computes. */
const common = {
  architectures: ['Qwen2ForCausalLM'],
  model_type: 'qwen2',
  vocab_size: 151_936,
  max_position_embeddings: 32_768,
  rms_norm_eps: 1e-6,
  rope_theta: 1_000_000,
  hidden_act: 'silu',
  tie_word_embeddings: true,
  use_sliding_window: false,
  bos_token_id: 0,
  eos_token_id: 0,
  torch_dtype: 'bfloat16',
};

export const randomModelName = (shape: ShapeName) => `random weights in the shape of Qwen2.5-Coder-${shape}`;

/** The folder of a model with random bf16 weights, written on first use (1, 3 or 6 GB): speed does not depend on them. */
export async function randomModel(cacheDirectory: string, shape: ShapeName): Promise<string> {
  const folder = join(cacheDirectory, 'bench', `random-qwen2-${shape.toLowerCase()}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial-${process.pid}`;
  await mkdir(partial, { recursive: true });
  await withScratch(partial, async () => {
    await writeFile(join(partial, 'config.json'), JSON.stringify({ ...common, ...shapes[shape] }));
    await writeFile(join(partial, 'tokenizer.json'), JSON.stringify(byteTokenizer()));
    await writeRandomTensors(join(partial, 'model.safetensors'), tensorsOf(shapes[shape]));
    await rename(partial, folder);
  });
  return folder;
}

function tensorsOf(shape: Shape): RandomTensor[] {
  const { hidden_size: hidden, intermediate_size: inner } = shape;
  const kv = (hidden / shape.num_attention_heads) * shape.num_key_value_heads;
  const norm = (name: string): RandomTensor => ({ name, dims: [hidden], isOnes: true });
  const random = (name: string, ...dims: number[]): RandomTensor => ({ name, dims, isOnes: false });
  const layers = Array.from({ length: shape.num_hidden_layers }, (_, layer) => {
    const block = `model.layers.${layer}`;
    return [
      norm(`${block}.input_layernorm.weight`),
      norm(`${block}.post_attention_layernorm.weight`),
      random(`${block}.self_attn.q_proj.weight`, hidden, hidden),
      random(`${block}.self_attn.q_proj.bias`, hidden),
      random(`${block}.self_attn.k_proj.weight`, kv, hidden),
      random(`${block}.self_attn.k_proj.bias`, kv),
      random(`${block}.self_attn.v_proj.weight`, kv, hidden),
      random(`${block}.self_attn.v_proj.bias`, kv),
      random(`${block}.self_attn.o_proj.weight`, hidden, hidden),
      random(`${block}.mlp.gate_proj.weight`, inner, hidden),
      random(`${block}.mlp.up_proj.weight`, inner, hidden),
      random(`${block}.mlp.down_proj.weight`, hidden, inner),
    ];
  });
  return [
    random('model.embed_tokens.weight', common.vocab_size, hidden),
    norm('model.norm.weight'),
    ...layers.flat(),
  ];
}

/** Byte-level BPE without a single merge: enough for loaders that insist on a tokenizer. */
function byteTokenizer() {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let shifted = 256;
  const alphabet = Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(printable(byte) ? byte : shifted++),
  );
  return {
    version: '1.0',
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
    decoder: { type: 'ByteLevel' },
    added_tokens: [],
    model: { type: 'BPE', vocab: Object.fromEntries(alphabet.map((c, id) => [c, id])), merges: [] },
  };
}
