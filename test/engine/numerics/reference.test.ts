import { describe, expect, it } from 'vitest';
import { loadReference, referenceLogits } from '../../reference';
import { defaultModel } from '../../support/defaultModel';
import { isExact } from '../../support/device';
import { numericsCases } from './cases';
import { argmax, greedyLength, greedyRun, promptTokens, relativeError, rowsOf } from './greedy';
import { numericsModels } from './models';

const models = numericsModels();
const tolerance = 1e-4;

async function expectSameAsReference(folder: string): Promise<void> {
  const decoder = await models.load(folder);
  const prompt = promptTokens(decoder.config.vocabSize);
  const { tokens, logits } = await greedyRun(decoder, prompt);
  const expected = referenceLogits(folder, tokens.slice(0, -1));
  expect(relativeError(logits, expected)).toBeLessThanOrEqual(tolerance);
  expect(expected.slice(prompt.length - 1).map(argmax)).toEqual(tokens.slice(prompt.length));
  expect(tokens).toHaveLength(prompt.length + greedyLength);
}

// On a GPU these are held against the processor, which is held against the reference: `webgpu.test.ts`.
describe.runIf(isExact)('the fp32 graph agrees with the reference in logits and in 200 greedy tokens', () => {
  it.each(numericsCases)('$name', async (numericsCase) => {
    await expectSameAsReference(await models.write(numericsCase));
  });

  it('the default model', { timeout: 120_000 }, () => expectSameAsReference(defaultModel));
});

describe.each(numericsCases.filter(({ name }) => /^(llama, llama3|qwen3|starcoder2)/.test(name)))(
  'explicit positions: $name',
  (numericsCase) => {
    it('agree with the reference, with gaps, repeats and steps back', async () => {
      const folder = await models.write({ ...numericsCase, name: `${numericsCase.name} positions` });
      const decoder = await models.load(folder);
      const { vocabSize } = decoder.config;
      const tokens = promptTokens(vocabSize, 40);
      const positions = tokens.map((_, i) => (i < 10 ? i : i < 20 ? 100 + 3 * i : i < 30 ? i - 15 : 400 - i));
      const cache = decoder.newCache();
      const logits = [];
      for (const [from, to] of [
        [0, 12],
        [12, 13],
        [13, 40],
      ] as const) {
        const part = { logits: to - from, positions: positions.slice(from, to) };
        logits.push(...rowsOf(await decoder.forward(cache, tokens.slice(from, to), part), decoder));
      }
      const expected = referenceLogits(loadReference(folder), tokens, { positions });
      expect(relativeError(logits, expected)).toBeLessThanOrEqual(tolerance);
    });
  },
);
