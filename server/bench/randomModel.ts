import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Qwen2.5-Coder-0.5B's config.json as far as its shape goes: the size that many people run. */
const config = {
  architectures: ['Qwen2ForCausalLM'],
  model_type: 'qwen2',
  hidden_size: 896,
  intermediate_size: 4864,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
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

export const randomModelName = 'random weights in the shape of Qwen2.5-Coder-0.5B';

/** The folder of a model with random bf16 weights, written on first use (1 GB): speed does not depend on them. */
export async function randomModel(cacheDirectory: string): Promise<string> {
  const folder = join(cacheDirectory, 'bench', 'random-qwen2-0.5b');
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial-${process.pid}`;
  await mkdir(partial, { recursive: true });
  try {
    await writeFile(join(partial, 'config.json'), JSON.stringify(config));
    await writeFile(join(partial, 'tokenizer.json'), JSON.stringify(byteTokenizer()));
    await writeWeights(join(partial, 'model.safetensors'));
    await rename(partial, folder);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return folder;
}

function shapes(): [name: string, shape: number[]][] {
  const { hidden_size: hidden, intermediate_size: inner } = config;
  const kv = (hidden / config.num_attention_heads) * config.num_key_value_heads;
  const layers = Array.from({ length: config.num_hidden_layers }, (_, layer): [string, number[]][] => {
    const block = `model.layers.${layer}`;
    return [
      [`${block}.input_layernorm.weight`, [hidden]],
      [`${block}.post_attention_layernorm.weight`, [hidden]],
      [`${block}.self_attn.q_proj.weight`, [hidden, hidden]],
      [`${block}.self_attn.q_proj.bias`, [hidden]],
      [`${block}.self_attn.k_proj.weight`, [kv, hidden]],
      [`${block}.self_attn.k_proj.bias`, [kv]],
      [`${block}.self_attn.v_proj.weight`, [kv, hidden]],
      [`${block}.self_attn.v_proj.bias`, [kv]],
      [`${block}.self_attn.o_proj.weight`, [hidden, hidden]],
      [`${block}.mlp.gate_proj.weight`, [inner, hidden]],
      [`${block}.mlp.up_proj.weight`, [inner, hidden]],
      [`${block}.mlp.down_proj.weight`, [hidden, inner]],
    ];
  });
  return [
    ['model.embed_tokens.weight', [config.vocab_size, hidden]],
    ['model.norm.weight', [hidden]],
    ...layers.flat(),
  ];
}

async function writeWeights(path: string): Promise<void> {
  let end = 0;
  const header: Record<string, object> = {};
  const tensors = shapes().map(([name, shape]) => {
    const count = shape.reduce((a, b) => a * b, 1);
    header[name] = { dtype: 'BF16', shape, data_offsets: [end, end + 2 * count] };
    end += 2 * count;
    return { name, count };
  });
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const file = await open(path, 'w');
  try {
    await file.write(Buffer.concat([length, json]));
    const random = randomBits();
    for (const { name, count } of tensors) {
      const isNorm = name.endsWith('norm.weight');
      for (let from = 0; from < count; from += chunk) {
        const values = random(Math.min(chunk, count - from), isNorm);
        await file.write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      }
    }
  } finally {
    await file.close();
  }
}

const chunk = 1 << 20;

/** bf16 numbers around 0 with a deviation near 0.02 (initialisation's), or ones for a norm. */
function randomBits() {
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  const toBfloat16 = (value: number) => {
    float[0] = value;
    return (bits[0] ?? 0) >>> 16;
  };
  // The sum of three uniform numbers is close enough to normal; drawing from a table is what makes it quick.
  const table = Uint16Array.from({ length: 1 << 16 }, () =>
    toBfloat16(0.04 * (uniform() + uniform() + uniform())),
  );
  const one = toBfloat16(1);
  return (count: number, isNorm: boolean): Uint16Array => {
    const values = new Uint16Array(count);
    if (isNorm) return values.fill(one);
    for (let i = 0; i < count; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      values[i] = table[state >>> 16] ?? 0;
    }
    return values;
  };
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
