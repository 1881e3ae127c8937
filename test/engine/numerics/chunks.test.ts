import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Decoder } from '../../../engine/runtime/decoder';
import { numRuns } from '../../support/device';
import { numericsCases } from './cases';
import { promptTokens, relativeError, rowsOf } from './greedy';
import { numericsModels } from './models';

const models = numericsModels();
const length = 96;
const cases = ['llama, biases, one kv head', 'qwen3', 'starcoder2'].flatMap((wanted) =>
  numericsCases.filter(({ name }) => name === wanted),
);

describe.each(cases)('$name', (numericsCase) => {
  let decoder: Decoder;
  beforeAll(async () => {
    decoder = await models.load(await models.write(numericsCase));
  });

  /** Logits of every row, the prompt being encoded in chunks that end at `cuts`. */
  async function encode(tokens: readonly number[], cuts: readonly number[]): Promise<Float32Array[]> {
    const cache = decoder.newCache();
    const rows: Float32Array[] = [];
    for (const end of [...cuts, tokens.length]) {
      const chunk = tokens.slice(cache.length, end);
      rows.push(...rowsOf(await decoder.forward(cache, chunk, { logits: chunk.length }), decoder));
    }
    return rows;
  }

  it('prefill in any chunks gives the logits of prefill in one pass', async () => {
    const tokens = promptTokens(decoder.config.vocabSize, length);
    const whole = await encode(tokens, []);
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: length - 1 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const chunked = await encode(
          tokens,
          places.sort((a, b) => a - b),
        );
        expect(relativeError(chunked, whole)).toBeLessThanOrEqual(1e-5);
      }),
      { numRuns: numRuns(15), examples: [[[1]], [[length - 1]], [[16, 32, 48, 64, 80]]] },
    );
  });

  it('rows that were dropped leave no trace', async () => {
    const [tokens, others] = [
      promptTokens(decoder.config.vocabSize, 40),
      promptTokens(decoder.config.vocabSize, 80),
    ];
    const cache = decoder.newCache();
    await decoder.forward(cache, tokens.slice(0, 20), { logits: 1 });
    await decoder.forward(cache, others.slice(40), { logits: 1 });
    cache.truncate(20);
    const rest = await decoder.forward(cache, tokens.slice(20), { logits: 20 });
    const whole = await encode(tokens, [20]);
    expect(relativeError(rowsOf(rest, decoder), whole.slice(20))).toBe(0);
  });
});
