import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../engine/model/config';
import { temporaryFolder } from '../../support/folder';

const path = temporaryFolder();
let folders = 0;

async function read(config: object | string, generation?: object) {
  const dir = path(`config-${folders++}`);
  await mkdir(dir);
  await writeFile(join(dir, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  if (generation) await writeFile(join(dir, 'generation_config.json'), JSON.stringify(generation));
  return readConfig(dir);
}

const llama = {
  model_type: 'llama',
  hidden_size: 64,
  intermediate_size: 160,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 320,
  max_position_embeddings: 512,
};

describe('config.json', () => {
  test('of a plain llama gets the defaults of transformers', async () => {
    expect(await read(llama)).toEqual({
      architecture: 'llama',
      hiddenSize: 64,
      intermediateSize: 160,
      layers: 2,
      heads: 4,
      kvHeads: 2,
      headDim: 16,
      vocabSize: 320,
      maxPositions: 512,
      normEps: 1e-6,
      norm: 'rms',
      activation: 'silu-gated',
      tiedEmbeddings: false,
      qkvBias: false,
      outputBias: false,
      mlpBias: false,
      qkNorm: false,
      rope: { base: 10_000, dim: 16, layout: 'half-split', scaling: { type: 'default' } },
      slidingWindow: undefined,
      eosTokenIds: [],
      bosTokenId: undefined,
    });
  });

  test('of each architecture says what differs', async () => {
    const qwen2 = await read({ ...llama, model_type: 'qwen2', attention_bias: true, sliding_window: 128 });
    expect(qwen2).toMatchObject({ architecture: 'qwen2', qkvBias: true, outputBias: false, qkNorm: false });
    expect(qwen2.slidingWindow).toBeUndefined();
    const qwen3 = await read({ ...llama, model_type: 'qwen3' });
    expect(qwen3).toMatchObject({ architecture: 'qwen3', qkvBias: false, qkNorm: true, headDim: 128 });
    const starcoder = {
      ...llama,
      model_type: 'starcoder2',
      hidden_act: 'gelu_pytorch_tanh',
      norm_epsilon: 1e-4,
    };
    expect(await read(starcoder)).toMatchObject({
      architecture: 'starcoder2',
      norm: 'layer',
      normEps: 1e-4,
      activation: 'gelu-tanh',
      tiedEmbeddings: true,
      qkvBias: true,
      outputBias: true,
      mlpBias: true,
    });
    const biased = await read({ ...llama, attention_bias: true, mlp_bias: true, head_dim: 32 });
    expect(biased).toMatchObject({ qkvBias: true, outputBias: true, mlpBias: true, headDim: 32 });
    const byClass = await read({ ...llama, model_type: undefined, architectures: ['Qwen2ForCausalLM'] });
    expect(byClass.architecture).toBe('qwen2');
  });

  test('has rotary embeddings in the old and the new spelling', async () => {
    const linear = { type: 'linear', factor: 4 };
    expect((await read({ ...llama, rope_theta: 100_000, rope_scaling: linear })).rope).toEqual({
      base: 100_000,
      dim: 16,
      layout: 'half-split',
      scaling: linear,
    });
    const llama3 = {
      rope_type: 'llama3',
      rope_theta: 500_000,
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
      partial_rotary_factor: 0.5,
    };
    const interleaved = { ...llama, rope_parameters: llama3, rope_interleave: true };
    expect((await read(interleaved)).rope).toEqual({
      base: 500_000,
      dim: 8,
      layout: 'interleaved',
      scaling: { type: 'llama3', factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 8192 },
    });
  });

  test('has a sliding window where it is on and shorter than the context', async () => {
    const window = async (config: object) => (await read({ ...llama, ...config })).slidingWindow;
    expect(await window({ model_type: 'mistral', sliding_window: 128 })).toBe(128);
    expect(await window({ model_type: 'mistral', sliding_window: null })).toBeUndefined();
    expect(await window({ model_type: 'mistral', max_position_embeddings: 8192 })).toBe(4096);
    expect(await window({ model_type: 'mistral', sliding_window: 4096 })).toBeUndefined();
    expect(await window({ model_type: 'qwen2', sliding_window: 128, use_sliding_window: true })).toBe(128);
  });

  test('has end tokens from both files', async () => {
    const config = await read({ ...llama, eos_token_id: 7, bos_token_id: 6 }, { eos_token_id: [8, 7] });
    expect(config.eosTokenIds).toEqual([7, 8]);
    expect(config.bosTokenId).toBe(6);
  });
});

describe('an unsupported model says what is supported', () => {
  test.each<[string, object, RegExp]>([
    ['architecture', { model_type: 'gemma' }, /"gemma".*llama, mistral, qwen2, qwen3 and starcoder2/],
    ['prototype name', { model_type: 'constructor' }, /"constructor"/],
    [
      'RoPE scaling',
      { rope_scaling: { type: 'yarn', factor: 4 } },
      /"yarn".*default, dynamic, linear and llama3/,
    ],
    ['activation', { hidden_act: 'relu' }, /"relu".*silu/],
    ['mixture of experts', { num_local_experts: 8 }, /mixture of experts.*dense/],
    ['quantised weights', { quantization_config: { quant_method: 'awq' } }, /awq.*F32, F16 and BF16/],
  ])('%s', async (_, change, message) => {
    await expect(read({ ...llama, ...change })).rejects.toMatchObject({
      code: 'model-unsupported',
      message: expect.stringMatching(message),
    });
  });
});

describe('an absurd value is named', () => {
  test.each<[string, object]>([
    ['hidden_size', { hidden_size: -64 }],
    ['hidden_size', { hidden_size: 66 }],
    ['hidden_size', { hidden_size: 64.5 }],
    ['hidden_size', { hidden_size: undefined }],
    ['hidden_size', { hidden_size: '64' }],
    ['intermediate_size', { intermediate_size: 0 }],
    ['num_hidden_layers', { num_hidden_layers: 1e9 }],
    ['num_attention_heads', { num_attention_heads: 0 }],
    ['num_key_value_heads', { num_key_value_heads: 3 }],
    ['head_dim', { head_dim: 15 }],
    ['head_dim', { head_dim: 1e6 }],
    ['vocab_size', { vocab_size: 0 }],
    ['max_position_embeddings', { max_position_embeddings: 1e30 }],
    ['rms_norm_eps', { rms_norm_eps: 0 }],
    ['tie_word_embeddings', { tie_word_embeddings: 'yes' }],
    ['eos_token_id', { eos_token_id: 320 }],
    ['rope_theta', { rope_theta: -1 }],
    ['rope_scaling.factor', { rope_scaling: { type: 'linear' } }],
    ['rope_scaling.factor', { rope_scaling: { type: 'linear', factor: 0.5 } }],
    ['rope_scaling', { rope_scaling: 7 }],
    ['partial_rotary_factor', { partial_rotary_factor: 2 }],
    ['sliding_window', { model_type: 'mistral', sliding_window: -5 }],
  ])('%s in %j', async (field, change) => {
    await expect(read({ ...llama, ...change })).rejects.toMatchObject({
      code: 'model-corrupt',
      message: expect.stringContaining(` ${field} = `),
    });
  });

  test('infinity, which JSON can hide in an exponent', async () => {
    const text = JSON.stringify(llama).replace('"hidden_size":64', '"hidden_size":1e999');
    await expect(read(text)).rejects.toThrow(/hidden_size = Infinity/);
  });

  test.each(['', '{"model_type": ', '[1]', 'null', '\u0000'])(
    'a file that is no JSON object: %j',
    async (text) => {
      await expect(read(text)).rejects.toMatchObject({ code: 'model-corrupt' });
    },
  );

  test('no model type at all', async () => {
    await expect(read({ ...llama, model_type: undefined })).rejects.toThrow(/model_type/);
  });
});
