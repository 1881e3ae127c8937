import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { numericsCases } from '../engine/numerics/cases';
import { argmax, greedyRun, promptTokens, relativeError } from '../engine/numerics/greedy';
import { numericsModels } from '../engine/numerics/models';
import { defaultModel } from '../support/defaultModel';
import { convertToGguf } from './gguf';
import { hasLlama, type LlamaModel, loadLlama } from './llama';

const isInstalled = hasLlama(import.meta.dirname);
if (!isInstalled) {
  console.warn('llama.cpp is not installed (node test/peers/install.mjs): comparisons with it are skipped.');
}

const models = numericsModels();

describe.skipIf(!isInstalled)(
  'the fp32 graph agrees with llama.cpp in logits and in 200 greedy tokens',
  () => {
    let llama: LlamaModel | undefined;
    afterEach(() => llama?.release());

    async function expectSameAsLlama(folder: string, tolerance: number): Promise<void> {
      const decoder = await models.load(folder);
      const { vocabSize } = decoder.config;
      const prompt = promptTokens(vocabSize);
      const { tokens, logits } = await greedyRun(decoder, prompt);
      const ggufPath = join(await models.temporary, 'peer.gguf');
      convertToGguf(folder, ggufPath, 'F32');
      llama = await loadLlama(import.meta.dirname, {
        ggufPath,
        threads: 1,
        contextTokens: 512,
        kvType: 'F32',
      });
      const expected = await llama.logits(tokens.slice(0, -1), vocabSize);
      expect(expected.slice(prompt.length - 1).map(argmax)).toEqual(tokens.slice(prompt.length));
      expect(relativeError(logits, expected)).toBeLessThanOrEqual(tolerance);
    }

    it.each(numericsCases.filter(({ notInLlamaCpp }) => !notInLlamaCpp))('$name', async (numericsCase) => {
      // llama.cpp looks GELU up in a table of half precision on the CPU.
      const tolerance = numericsCase.model.architecture === 'starcoder2' ? 5e-3 : 1e-4;
      await expectSameAsLlama(await models.write(numericsCase), tolerance);
    });

    it('the default model', () => expectSameAsLlama(defaultModel, 1e-4));
  },
);
