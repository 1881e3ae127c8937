import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../../engine/model/config';
import { openWeights } from '../../../engine/model/weights';
import type { Dtype } from '../../support/safetensors';
import { type TinyModelOptions, writeTinyModel } from '../../support/tinyModel';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipstream-weights-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function openTiny(name: string, options: TinyModelOptions) {
  const dir = join(root, name);
  await writeTinyModel(dir, options);
  const config = await readConfig(dir);
  return { dir, config, weights: await openWeights(dir, config) };
}

describe('the weights of a model folder', () => {
  /** Written out by hand: names and shapes as transformers saves them. */
  const lastLayers: [TinyModelOptions['architecture'], Record<string, number[]>][] = [
    [
      'llama',
      {
        'model.embed_tokens.weight': [320, 64],
        'model.layers.1.input_layernorm.weight': [64],
        'model.layers.1.self_attn.q_proj.weight': [64, 64],
        'model.layers.1.self_attn.k_proj.weight': [32, 64],
        'model.layers.1.self_attn.v_proj.weight': [32, 64],
        'model.layers.1.self_attn.o_proj.weight': [64, 64],
        'model.layers.1.post_attention_layernorm.weight': [64],
        'model.layers.1.mlp.gate_proj.weight': [128, 64],
        'model.layers.1.mlp.up_proj.weight': [128, 64],
        'model.layers.1.mlp.down_proj.weight': [64, 128],
        'model.norm.weight': [64],
      },
    ],
    [
      'qwen2',
      {
        'model.layers.1.self_attn.q_proj.bias': [64],
        'model.layers.1.self_attn.k_proj.bias': [32],
        'model.layers.1.self_attn.v_proj.bias': [32],
      },
    ],
    [
      'qwen3',
      {
        'model.layers.1.self_attn.q_norm.weight': [16],
        'model.layers.1.self_attn.k_norm.weight': [16],
      },
    ],
    [
      'starcoder2',
      {
        'model.layers.1.input_layernorm.bias': [64],
        'model.layers.1.post_attention_layernorm.bias': [64],
        'model.layers.1.self_attn.q_proj.bias': [64],
        'model.layers.1.self_attn.o_proj.bias': [64],
        'model.layers.1.mlp.c_fc.weight': [128, 64],
        'model.layers.1.mlp.c_fc.bias': [128],
        'model.layers.1.mlp.c_proj.weight': [64, 128],
        'model.layers.1.mlp.c_proj.bias': [64],
        'model.norm.bias': [64],
      },
    ],
  ];
  test.each(lastLayers)('%s has the tensors of its architecture', async (architecture, expected) => {
    const { weights } = await openTiny(architecture, { architecture, seed: 1 });
    for (const [name, shape] of Object.entries(expected)) {
      expect(weights.has(name), name).toBe(true);
      expect(weights.shape(name), name).toEqual(shape);
    }
    expect(weights.has('lm_head.weight')).toBe(false);
    await weights.close();
  });

  test('untied embeddings have an output matrix of their own', async () => {
    const { weights } = await openTiny('untied', { architecture: 'mistral', seed: 1, tied: false });
    expect(weights.shape('lm_head.weight')).toEqual([320, 64]);
    await weights.close();
  });

  test.each<[Dtype, number]>([
    ['F32', 0],
    ['F16', 2 ** -11],
    ['BF16', 2 ** -8],
  ])(
    '%s gives the same numbers within its precision, from one file and from three',
    async (dtype, precision) => {
      const exact = await openTiny(`exact-${dtype}`, { architecture: 'llama', seed: 7 });
      const options = { architecture: 'llama', seed: 7, dtype } as const;
      for (const shards of [1, 3]) {
        const { weights } = await openTiny(`${dtype}-${shards}`, { ...options, shards });
        for (const name of [
          'model.embed_tokens.weight',
          'model.layers.1.mlp.down_proj.weight',
          'model.norm.weight',
        ]) {
          const expected = await exact.weights.read(name);
          const found = await weights.read(name);
          expect(found.length).toBe(expected.length);
          // Below the smallest normal fp16 the spacing no longer shrinks.
          const size = (value: number) => Math.max(Math.abs(value), 2 ** -14);
          const worst = found.reduce((most, value, i) => {
            const wanted = expected[i] ?? Number.NaN;
            return Math.max(most, Math.abs(value - wanted) / size(wanted));
          }, 0);
          expect(worst, name).toBeLessThanOrEqual(precision);
        }
        await weights.close();
      }
      await exact.weights.close();
    },
  );

  test('a tensor larger than one read is whole', async () => {
    const options = { architecture: 'llama', seed: 3, vocab: 20_000, hidden: 256, layers: 1 } as const;
    const exact = await openTiny('large-F32', options);
    const half = await openTiny('large-BF16', { ...options, dtype: 'BF16' });
    const name = 'model.embed_tokens.weight';
    const expected = await exact.weights.read(name);
    const found = await half.weights.read(name);
    const wrong = found.findIndex((value, i) => Math.abs(value - (expected[i] ?? 0)) > 0.002);
    expect(wrong).toBe(-1);
    await exact.weights.close();
    await half.weights.close();
  });
});
