import { describe, expect, test } from 'vitest';
import type { ReuseMode } from '../../../../engine/completion';
import { checkRefreshed, encodePrompt, someTokens } from '../../../support/edits';
import type { ExportOptions } from '../../../support/exportedModel';
import { writeTinyModel } from '../../../support/tinyModel';
import { relativeError } from '../../numerics/greedy';
import { contrib, exportedModels, plain } from './models';

const { folder, load, write } = exportedModels();

const cases: readonly [string, ExportOptions, number][] = [
  ['optimum', plain, 1e-4],
  ['merged', { ...plain, switched: true }, 1e-4],
  ['genai', contrib, 1e-4],
  ['optimum, cache in fp16', { ...plain, cache: 'float16' }, 1e-2],
];

describe.each(cases)('after edits and a refresh: %s', (name, options, tolerance) => {
  test('the cache is what a full computation gives', async () => {
    const decoder = await load(await write(name, options));
    const expectSame = (actual: Float32Array, expected: Float32Array) =>
      expect(relativeError([actual], [expected])).toBeLessThan(tolerance);
    expect(await checkRefreshed(decoder, expectSame, 8)).toBeGreaterThan(0);
  });
});

describe.each([
  ['optimum', plain, 1e-4],
  ['genai', contrib, 1e-4],
  ['cache in fp16', { ...plain, cache: 'float16' }, 2e-2],
] as const)('in an exported model of one layer: %s', (name, options, tolerance) => {
  test('moved keys are exact before any refresh, and unmoved ones are not', async () => {
    // Keys and values of the first layer depend on nothing but their own token and position.
    const source = folder(`${name} one layer source`);
    await writeTinyModel(source, { architecture: 'llama', seed: 27, layers: 1, maxPositions: 1024 });
    const decoder = await load(await write(`${name} one layer`, options, source));
    const distance = async (mode: ReuseMode) => {
      const prompt = someTokens(600, 6);
      const cache = decoder.newCache();
      await encodePrompt(decoder, cache, prompt, mode);
      prompt.splice(50, 0, ...someTokens(9, 3));
      const { logits, use } = await encodePrompt(decoder, cache, prompt, mode);
      expect(use.shifted).toBeGreaterThan(400);
      const whole = await encodePrompt(decoder, decoder.newCache(), prompt, 'recompute');
      return relativeError([logits], [whole.logits]);
    };
    expect(await distance('pie')).toBeLessThan(tolerance);
    expect(await distance('splice')).toBeGreaterThan(2 * tolerance);
  });
});

test.each([
  ['cached before their rotation', { ...plain, flaw: 'unrotatedKeys' }],
  ['turned by other angles than config.json says', { ...plain, angleScale: 0.5 }],
] as const)(
  'where keys are %s, what lies behind an edit is computed anew, and it says so',
  async (name, options) => {
    const decoder = await load(await write(name, options));
    expect(decoder.rotateKeys).toBeUndefined();
    expect(decoder.notes.join()).toMatch(/Behind an edit .* anew/);
    const cache = decoder.newCache();
    const prompt = someTokens(600, 5);
    await encodePrompt(decoder, cache, prompt, 'pie');
    prompt.splice(100, 0, 251, 252, 253);
    const { use, logits } = await encodePrompt(decoder, cache, prompt, 'pie');
    expect(use).toMatchObject({ kept: 100, shifted: 0, encoded: 503, stale: 0 });
    expect(use.fallback).toMatch(/cannot be moved/);
    const whole = await encodePrompt(decoder, decoder.newCache(), prompt, 'recompute');
    expect(relativeError([logits], [whole.logits])).toBeLessThan(1e-4);
  },
);
