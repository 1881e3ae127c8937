import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../engine/model/config';
import type { Precision } from '../../../engine/model/linear';
import { loadTokenizer } from '../../../engine/model/tokenizer';
import type { Decoder } from '../../../engine/runtime/decoder';
import { carefulRun, loadGpuDecoder } from '../../../engine/runtime/webgpu/decoder';
import { divergence, mean } from '../../../server/bench/statistics';
import { defaultModel } from '../../support/defaultModel';
import { numericsCases } from './cases';
import { argmax, greedyLength, greedyRun, promptTokens, relativeError, rowsOf } from './greedy';
import { numericsModels } from './models';

const models = numericsModels();
/** One of each architecture. */
const quantised = numericsCases.filter(({ name }) =>
  /^(llama|mistral, bf16|qwen2|qwen3|starcoder2)$/.test(name),
);

/** What is done to a cache and compared: a prefill in passes, a tree, a branch that is kept, an edit, growth. */
async function session(decoder: Decoder, ids = promptTokens(decoder.config.vocabSize, 400)) {
  const cache = decoder.newCache();
  const rows: Float32Array[] = [];
  const forward = async (tokens: readonly number[], options: Parameters<Decoder['forward']>[2]) =>
    rows.push(...rowsOf(await decoder.forward(cache, tokens, options), decoder));
  await forward(ids.slice(0, 100), { logits: 3 });
  await forward([5], { logits: 1 });
  await forward([5, 6, 7, 8, 9], { logits: 5, parents: [-1, 0, 1, 0, 3] });
  cache.keepBranch(101, [101, 104, 105]);
  await forward([7], { logits: 1 });
  const edit = [
    { from: 0, to: 0, length: 30 },
    { from: 40, to: 35, length: 40 },
  ];
  cache.rearrange(edit, decoder.rotateKeys);
  await forward([1, 2, 3, 4, 5], { logits: 1, at: 30 });
  await forward([3], { logits: 1 });
  await forward(ids.slice(100, 360), { logits: 1 });
  cache.storage.dispose();
  return rows;
}

const sourceTokens = async () =>
  (await loadTokenizer(defaultModel)).encode(
    readFileSync(join(import.meta.dirname, 'reference.test.ts'), 'utf8'),
  );

/** The graphs of a device on the processor: what it should compute, in every precision. */
async function loadOnProcessor(modelDirectory: string, precision: Precision): Promise<Decoder> {
  const cacheDirectory = join(await models.temporary, 'cache');
  const options = { modelDirectory, device: 'webgpu', precision, threads: 1, cacheDirectory } as const;
  return loadGpuDecoder(options, await readConfig(modelDirectory), { ...carefulRun, provider: 'cpu' });
}

describe('on WebGPU with fp32 weights', () => {
  test.each(numericsCases)(
    'all that is done to a cache, and 200 greedy tokens, are what they are on the CPU: $name',
    async (one) => {
      const folder = await models.write(one);
      const [cpu, gpu] = [
        await models.load(folder, 'fp32', 'cpu'),
        await models.load(folder, 'fp32', 'webgpu'),
      ];
      expect(relativeError(await session(gpu), await session(cpu))).toBeLessThanOrEqual(1e-4);
      await expectSameGreedyTokens(gpu, cpu);
    },
  );

  test('200 greedy tokens of the default model are those of the CPU', async () => {
    const prompt = (await sourceTokens()).slice(0, 100);
    const cpu = await models.load(defaultModel, 'fp32', 'cpu');
    const { tokens, logits } = await greedyRun(cpu, prompt);
    const gpu = await models.load(defaultModel, 'fp32', 'webgpu');
    const cache = gpu.newCache();
    const rows: Float32Array[] = [];
    // A software device takes a quarter of a second for a pass of one row and not much more for one of many: as long as
    // each row's choice is the token that the next one is given, these are the tokens that it would choose by itself.
    const sizes = [prompt.length, ...Array(24).fill(1), greedyLength - 25];
    for (const size of sizes) {
      const next = tokens.slice(cache.length, cache.length + size);
      rows.push(...rowsOf(await gpu.forward(cache, next, { logits: size }), gpu));
    }
    expect(rows.slice(prompt.length - 1).map(argmax)).toEqual(tokens.slice(prompt.length));
    expect(relativeError(rows, logits)).toBeLessThanOrEqual(1e-4);
  });
});

async function expectSameGreedyTokens(
  gpu: Decoder,
  cpu: Decoder,
  prompt: readonly number[] = promptTokens(cpu.config.vocabSize),
): Promise<void> {
  const expected = await greedyRun(cpu, prompt);
  const actual = await greedyRun(gpu, prompt);
  expect(actual.tokens).toEqual(expected.tokens);
  expect(actual.tokens).toHaveLength(prompt.length + greedyLength);
  expect(relativeError(actual.logits, expected.logits)).toBeLessThanOrEqual(1e-4);
}

describe.each(['int8', 'int4'] as const)('on WebGPU with blocks of %s', (precision) => {
  test.each(quantised)('the logits are those of the same graph on the CPU: $name', async (one) => {
    const folder = await models.write(one);
    const [cpu, gpu] = [
      await loadOnProcessor(folder, precision),
      await models.load(folder, precision, 'webgpu'),
    ];
    expect(relativeError(await session(gpu), await session(cpu))).toBeLessThanOrEqual(1e-3);
    await cpu.release();
  });

  test('the default model agrees with the same graph on the CPU, and stays near full precision', async () => {
    const ids = (await sourceTokens()).slice(0, 400);
    const same = await loadOnProcessor(defaultModel, precision);
    const whole = await session(await models.load(defaultModel, 'fp32', 'cpu'), ids);
    const gpu = await session(await models.load(defaultModel, precision, 'webgpu'), ids);
    expect(relativeError(gpu, await session(same, ids))).toBeLessThanOrEqual(1e-3);
    // Edits have made nonsense of the text, in which 4 bits count for much: 0.002 and 0.36 nats with the weights that ship.
    const lost = mean(gpu.map((row, i) => divergence(whole[i] as Float32Array, row)));
    expect(lost).toBeLessThanOrEqual(precision === 'int8' ? 0.01 : 0.7);
    await same.release();
  });
});
