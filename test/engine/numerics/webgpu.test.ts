import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadTokenizer } from '../../../engine/model/tokenizer';
import type { Decoder } from '../../../engine/runtime/decoder';
import { deviceRefusal } from '../../../engine/runtime/webgpu/session';
import { numericsCases } from './cases';
import { argmax, promptTokens, relativeError, rowsOf } from './greedy';
import { defaultModel, numericsModels } from './models';

const refusal = await deviceRefusal();
if (refusal !== undefined)
  console.log(`SKIPPED: the tests on WebGPU, since there is no adapter (${refusal}).`);
const models = numericsModels();

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

/** A software device compiles its shaders for half a minute. */
const timeout = 240_000;

describe.skipIf(refusal !== undefined)('on WebGPU', { timeout }, () => {
  test.each(numericsCases)(
    'all that is done to a cache gives what it gives on the CPU: $name',
    async (one) => {
      const folder = await models.write(one);
      const [cpu, gpu] = [await models.load(folder), await models.load(folder, 'fp32', 'webgpu')];
      expect(relativeError(await session(gpu), await session(cpu))).toBeLessThanOrEqual(1e-4);
    },
  );

  test.each(['int8', 'int4'] as const)('blocks of %s stay near full precision', async (precision) => {
    const { encode } = await loadTokenizer(defaultModel);
    const ids = encode(readFileSync(join(import.meta.dirname, 'reference.test.ts'), 'utf8')).slice(0, 400);
    const cpu = await session(await models.load(defaultModel), ids);
    const gpu = await session(await models.load(defaultModel, precision, 'webgpu'), ids);
    const same = gpu.filter((row, i) => argmax(row) === argmax(cpu[i] as Float32Array)).length;
    expect(relativeError(gpu, cpu)).toBeLessThanOrEqual(precision === 'int8' ? 0.1 : 1);
    expect(same).toBeGreaterThanOrEqual((precision === 'int8' ? 0.75 : 0.5) * gpu.length);
  });
});
