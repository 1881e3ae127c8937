import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { KvCache } from '../../../../engine/cache/kvCache';
import { loadTokenizer } from '../../../../engine/model/tokenizer';
import type { Decoder } from '../../../../engine/runtime/decoder';
import { selfTest } from '../../../../engine/runtime/exported/selfTest';
import type { ExportedStorage } from '../../../../engine/runtime/exported/storage';
import { defaultModel } from '../../../support/defaultModel';
import { writeTinyModel } from '../../../support/tinyModel';
import { type GreedyRun, greedyRun, promptTokens, relativeError, rowsOf } from '../../numerics/greedy';
import { contrib, exportedModels, plain } from './models';

const { folder, load, write } = exportedModels();

/** What each run chose and saw at the engine's own tokens. */
function expectSame(actual: GreedyRun, expected: GreedyRun, tolerance: number): void {
  expect(actual.tokens).toEqual(expected.tokens);
  expect(relativeError(actual.logits, expected.logits)).toBeLessThan(tolerance);
}

describe('the default model gives its own logits and 200 greedy tokens', () => {
  test.each([
    ['by optimum, weights beside the graph', { ...plain, dataFile: 'model.onnx_data' }],
    ['by optimum, merged', { ...plain, file: 'onnx/decoder_model_merged.onnx', switched: true }],
    ['by onnxruntime-genai', { ...contrib, dataFile: 'model.onnx.data', ids: 'int32' }],
  ] as const)('exported %s', { timeout: 120_000 }, async (name, options) => {
    const own = await load(defaultModel);
    const prompt = promptTokens(own.config.vocabSize);
    const exported = await load(await write(name, options, defaultModel));
    expectSame(await greedyRun(exported, prompt), await greedyRun(own, prompt), 1e-4);
    expect(exported.notes).toHaveLength(1);
    expect(exported.notes[0]).toMatch(/exported graph.*copy speculation.*also behind edits\./);
  });
});

describe('exports of other models give the same as our own graph of them', () => {
  const llama3 = { rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4 };
  const half = {
    architecture: 'llama',
    seed: 73,
    headDim: 32,
    config: { partial_rotary_factor: 0.5 },
  } as const;
  const neighbours = { architecture: 'llama', seed: 74, config: { rope_interleave: true } } as const;
  test.each([
    ['biases and two key heads', { architecture: 'qwen2', seed: 71, tied: false }, plain],
    ['biases, genai', { architecture: 'qwen2', seed: 71, tied: false }, contrib],
    [
      'llama3 scaling',
      { architecture: 'llama', seed: 72, ropeScaling: { ...llama3, original_max_position_embeddings: 64 } },
      plain,
    ],
    ['half of each head rotated', half, plain],
    ['half of each head rotated, genai', half, contrib],
    ['neighbours rotated together', neighbours, contrib],
    ['positions counted', { architecture: 'llama', seed: 75 }, { ...plain, positions: false }],
  ] as const)('%s', async (name, model, options) => {
    const source = folder(`${name} source`);
    await writeTinyModel(source, model);
    const [own, exported] = [await load(source), await load(await write(name, options, source))];
    const prompt = promptTokens(own.config.vocabSize, 90);
    expectSame(await greedyRun(exported, prompt), await greedyRun(own, prompt), 1e-4);
    expect(exported.rotateKeys).toBeDefined();
  });
});

test('a cache in fp16 costs what its rounding costs', async () => {
  const exported = await load(await write('halves', { ...plain, cache: 'float16' }));
  const [own, prompt] = [await load(folder('tiny')), promptTokens(320, 100)];
  const rows = async (decoder: typeof own) =>
    rowsOf(await decoder.forward(decoder.newCache(), prompt, { logits: 100 }), decoder);
  const error = relativeError(await rows(exported), await rows(own));
  expect(error).toBeGreaterThan(1e-6);
  expect(error).toBeLessThan(5e-3);
  const cache = exported.newCache();
  await exported.forward(cache, prompt, { logits: 0 });
  expect(cache.byteLength).toBe(2 * 2 * 2 * 16 * 100 * 2);
});

test('products of 8 bits, which share a scale between rows, are no excuse to do without anything', async () => {
  const file = 'onnx/model_quantized.onnx';
  const dir = await write(
    'quantized',
    { ...plain, file, dataFile: 'weights', quantized: true },
    defaultModel,
  );
  const [own, exported] = [await load(defaultModel), await load(dir, 'int8')];
  expect(exported.precision).toBe('int8');
  expect(exported.notes).toHaveLength(1);
  expect(exported.rotateKeys).toBeDefined();
  expect(exported.roomInPass(5)).toBe(59);
  // Text, not any tokens: among rows without sense some are so large that the scale leaves nothing of the others.
  const { encode } = await loadTokenizer(defaultModel);
  const prompt = encode(readFileSync(import.meta.filename, 'utf8')).slice(0, 60);
  const rows = async (decoder: typeof own) =>
    rowsOf(await decoder.forward(decoder.newCache(), prompt, { logits: 60 }), decoder);
  const error = relativeError(await rows(exported), await rows(own));
  expect(error).toBeGreaterThan(1e-3);
  // What has nothing to do with the right rows is at 1 or beyond.
  expect(error).toBeLessThan(0.5);
});

test('names and the longest text are those of genai_config.json', async () => {
  const names = { past: 'old_$_%d', present: 'new_$_%d' };
  const dir = await write('renamed', { ...contrib, file: 'decoder.onnx', cacheNames: names });
  const inputs = { past_key_names: 'old_key_%d', past_value_names: 'old_value_%d' };
  const outputs = { present_key_names: 'new_key_%d', present_value_names: 'new_value_%d' };
  const decoder = { filename: 'decoder.onnx', inputs, outputs };
  await writeFile(
    join(dir, 'genai_config.json'),
    JSON.stringify({ model: { context_length: 100, decoder } }),
  );
  const exported = await load(dir);
  expect(exported.maxPositions).toBe(100);
  const prompt = promptTokens(320, 24);
  expectSame(await greedyRun(exported, prompt), await greedyRun(await load(folder('tiny')), prompt), 1e-4);
});

test('a graph that returns the last logits only is asked for more row by row', async () => {
  const exported = await load(await write('pruned', { ...plain, onlyLastLogits: true }));
  const [own, prompt] = [await load(folder('tiny')), promptTokens(320, 30)];
  const cache = exported.newCache();
  const logits = await exported.forward(cache, prompt, { logits: 5 });
  const expected = await own.forward(own.newCache(), prompt, { logits: 5 });
  expect(relativeError(rowsOf(logits, exported), rowsOf(expected, own))).toBeLessThan(1e-4);
  expect(cache.length).toBe(30);
});

test('a graph whose new rows see each other behind a past gets them one by one, and says so', async () => {
  const exported = await load(await write('old', { ...plain, switched: true, flaw: 'seesAhead' }));
  expect([0, 1, 63, 64].map(exported.roomInPass)).toEqual([64, 1, 1, 1]);
  expect(exported.notes.join()).toMatch(/one token at a time/);
  const [own, prompt] = [await load(folder('tiny')), promptTokens(320, 100)];
  expectSame(await greedyRun(exported, prompt), await greedyRun(own, prompt), 1e-4);
});

test.each([
  ['everywhere', 0, /are no numbers/],
  ['behind a past', 1, /other logits with cached tokens/],
] as const)('a graph whose logits are no numbers %s is unfit', async (_, shortestPast, failure) => {
  const decoder = await load(await write(`no numbers ${shortestPast}`, plain));
  const forward: Decoder['forward'] = async (cache, tokens, options) => {
    const past = cache.length;
    const logits = await decoder.forward(cache, tokens, options);
    return past < shortestPast ? logits : logits.fill(Number.NaN);
  };
  const newCache = () => decoder.newCache() as KvCache<ExportedStorage>;
  expect((await selfTest(decoder.forward, newCache, decoder.config, false)).failure).toBeUndefined();
  expect((await selfTest(forward, newCache, decoder.config, false)).failure).toMatch(failure);
});

test('a tree is refused, and so are positions that a graph cannot be told', async () => {
  const exported = await load(await write('chain', { ...plain, positions: false }));
  expect(exported.trees).toBe(false);
  const cache = exported.newCache();
  await expect(exported.forward(cache, [1, 2], { logits: 1, parents: [-1, -1] })).rejects.toThrow(/branches/);
  await expect(exported.forward(cache, [1, 2], { logits: 1, positions: [5, 6] })).rejects.toThrow(
    /positions/,
  );
});
