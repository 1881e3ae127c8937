import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadReference, referenceLogits } from '../../reference';
import { numRuns } from '../../support/device';
import { numericsCases } from './cases';
import { promptTokens, relativeError, rowsOf } from './greedy';
import { numericsModels } from './models';

const models = numericsModels();
const cases = numericsCases.filter(({ name }) =>
  /^(llama, biases, one kv head|qwen3|starcoder2)$/.test(name),
);

/** A tree of up to 40 tokens: each follows an earlier one, or the trunk. */
const trees = fc
  .array(fc.nat(1000), { minLength: 1, maxLength: 40 })
  .map((numbers) => numbers.map((number, i) => (number % (i + 1)) - 1));

describe.each(cases)('branches of a tree in one pass: $name', (numericsCase) => {
  it('see the shared rows and their own ancestors, whatever block they lie in', async () => {
    const folder = await models.write(numericsCase);
    const reference = loadReference(folder);
    const decoder = await models.load(folder);
    const { vocabSize } = decoder.config;
    await fc.assert(
      fc.asyncProperty(trees, fc.integer({ min: 1, max: 140 }), async (parents, trunkLength) => {
        const all = promptTokens(vocabSize, trunkLength + parents.length);
        const trunk = all.slice(0, trunkLength);
        const nodes = all.slice(trunkLength);
        const cache = decoder.newCache();
        await decoder.forward(cache, trunk, { logits: 0 });
        const logits = await decoder.forward(cache, nodes, { logits: nodes.length, parents });

        const pathTo = (node: number): number[] =>
          node < 0 ? [] : [...pathTo(parents[node] as number), node];
        const paths = parents.map((_, node) => pathTo(node));
        const expected = referenceLogits(reference, all, {
          positions: all.map((_, i) =>
            i < trunkLength ? i : trunkLength + (paths[i - trunkLength]?.length ?? 0) - 1,
          ),
          mask: (query, key) =>
            key < trunkLength
              ? key <= query
              : (paths[query - trunkLength]?.includes(key - trunkLength) ?? false),
        });
        expect(relativeError(rowsOf(logits, decoder), expected.slice(trunkLength))).toBeLessThanOrEqual(1e-4);

        const branch = paths.at(-1) as number[];
        cache.keepBranch(
          trunkLength,
          branch.map((node) => trunkLength + node),
        );
        const tokens = [...trunk, ...branch.map((node) => nodes[node] as number)];
        expect([...cache.tokens]).toEqual(tokens);
        expect([...cache.positions]).toEqual(tokens.map((_, i) => i));
        const next = await decoder.forward(cache, [1], { logits: 1 });
        const wanted = referenceLogits(reference, [...tokens, 1]).slice(-1);
        expect(relativeError(rowsOf(next, decoder), wanted)).toBeLessThanOrEqual(1e-4);
      }),
      { numRuns: numRuns(5), examples: [[[-1, 0, 0, 1, 1], 63]] },
    );
  });
});
