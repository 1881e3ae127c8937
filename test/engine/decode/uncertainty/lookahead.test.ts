import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { unconstrained } from '../../../../engine/decode/constraint';
import { distributionOf } from '../../../../engine/decode/distribution';
import { noDraft } from '../../../../engine/decode/draft';
import { newSequence, type Policy, step } from '../../../../engine/decode/step';
import {
  adaptive,
  type LookaheadOptions,
  lookAhead,
  published,
} from '../../../../engine/decode/uncertainty/lookahead';
import type { LoadedModel } from '../../../../engine/runtime/load';
import { defaultModels } from '../../../support/defaultModel';
import { atLeast, expectSameLogits, expectSameTokens, isExact, numRuns } from '../../../support/device';

const root = join(import.meta.dirname, '../../../..');
const load = defaultModels();
const source = readFileSync(join(root, 'engine/model/rope.ts'), 'utf8');
const models = new Map<string, LoadedModel>();

/** A software device takes a quarter of a second for each token of this model at fp32. */
const precisions = isExact ? (['int8', 'fp32'] as const) : (['int8'] as const);

beforeAll(async () => {
  for (const precision of precisions) models.set(precision, await load(precision));
});

/** Nothing but end tokens ends a rollout. */
const outlookOf = (model: LoadedModel): LookaheadOptions['outlook'] => ({
  preview: (tokens) => ({
    text: '',
    stop: model.endTokens.has(tokens.at(-1) ?? -1) ? { reason: 'end-token', text: '' } : undefined,
  }),
  goesOnAfter: () => true,
  isInterrupted: () => false,
});

const optionsOf = (model: LoadedModel, options: Partial<LookaheadOptions>): LookaheadOptions => ({
  ...published,
  threshold: 1,
  outlook: outlookOf(model),
  ...options,
});

async function decode(
  model: LoadedModel,
  prompt: readonly number[],
  count: number,
  lookahead: LookaheadOptions,
) {
  const sequence = newSequence(model.decoder.newCache(), prompt);
  const policy: Policy = {
    constraint: unconstrained,
    drafter: noDraft,
    lookahead,
  };
  const facts: { token: number; logprob: number; entropy: number }[] = [];
  let forwards = 0;
  let isOver = false;
  while (!isOver && facts.length < count) {
    const result = await step(model.decoder, sequence, policy, count - facts.length, (committed) => {
      const { token, logprob, entropy } = committed;
      facts.push({ token, logprob, entropy });
      isOver = model.endTokens.has(token);
      return !isOver && facts.length < count;
    });
    forwards += result.forwards;
  }
  return { facts, forwards };
}

/** The published rule word for word: every candidate and every rollout is a computation of its own, without a cache. */
async function adaDec(model: LoadedModel, prompt: readonly number[], count: number, threshold: number) {
  const { decoder, vocabulary, endTokens } = model;
  const next = async (tokens: readonly number[]) =>
    distributionOf(await decoder.forward(decoder.newCache(), tokens, { logits: 1 }), vocabulary);
  const tokens = [...prompt];
  while (tokens.length < prompt.length + count) {
    const distribution = await next(tokens);
    let chosen = distribution.best.token;
    if (distribution.entropy >= threshold) {
      let bestScore = Number.NEGATIVE_INFINITY;
      for (const candidate of distribution.top(3)) {
        const rollout = [candidate.token];
        let sum = candidate.logprob;
        while (rollout.length < 6 && !endTokens.has(rollout.at(-1) as number)) {
          const following = await next([...tokens, ...rollout]);
          sum += following.best.logprob;
          rollout.push(following.best.token);
        }
        const score = sum / rollout.length;
        if (score <= bestScore) continue;
        bestScore = score;
        chosen = candidate.token;
      }
    }
    tokens.push(chosen);
    if (endTokens.has(chosen)) break;
  }
  return tokens.slice(prompt.length);
}

const place = fc.record({ at: fc.nat(source.length - 400), length: fc.integer({ min: 40, max: 400 }) });
const textAt = ({ at, length }: { at: number; length: number }) => source.slice(at, at + length);
const threshold = fc.constantFrom(0, 0.5, 1, 2, 4);

describe.each(precisions)('at %s', (precision) => {
  const model = () => models.get(precision) as LoadedModel;

  test('a spliced rollout changes how many passes there are, never a token or its probability', async () => {
    let saved = 0;
    await fc.assert(
      fc.asyncProperty(
        place,
        threshold,
        fc.constantFrom(published, adaptive),
        async (where, nats, parameters) => {
          const prompt = model().tokenizer.encode(textAt(where));
          const on = await decode(
            model(),
            prompt,
            16,
            optionsOf(model(), { ...parameters, threshold: nats }),
          );
          const off = await decode(
            model(),
            prompt,
            16,
            optionsOf(model(), { ...parameters, threshold: nats, splice: false }),
          );
          expectSameTokens(on.facts, off.facts);
          expect(on.forwards).toBeLessThanOrEqual(off.forwards);
          saved += off.forwards - on.forwards;
        },
      ),
      { numRuns: numRuns(10, 10) },
    );
    expect(saved).toBeGreaterThanOrEqual(atLeast(1));
  });

  test('a lookahead leaves the cache as it was, also when it is interrupted', async () => {
    const { decoder, tokenizer, vocabulary } = model();
    const prompt = tokenizer.encode(source.slice(100, 300));
    const cache = decoder.newCache();
    const logits = await decoder.forward(cache, prompt, { logits: 1 });
    const policy: Policy = { constraint: unconstrained, drafter: noDraft };
    const sequence = newSequence(cache, prompt);
    for (const passes of [0, 2, 100]) {
      let asked = 0;
      const outlook = { ...outlookOf(model()), isInterrupted: () => ++asked > passes };
      const distribution = distributionOf(logits, vocabulary);
      const found = await lookAhead(
        distribution.top(3),
        decoder,
        sequence,
        distribution,
        policy,
        optionsOf(model(), { outlook }),
      );
      expect(found === undefined).toBe(passes < 5);
      expect([...cache.tokens]).toEqual(prompt);
    }
    const again = await decoder.forward(cache, prompt.slice(-1), { logits: 1, at: prompt.length - 1 });
    expectSameLogits(again, logits);
  });
});

// Without a cache that is a thousand passes, and what a device makes of a pass does not depend on the rule.
test.runIf(isExact)('tokens are those of the published rule', async () => {
  const model = models.get('fp32') as LoadedModel;
  let pauses = 0;
  for (const [i, nats] of [0.3, 1, 2].entries()) {
    const prompt = model.tokenizer.encode(source.slice(300 * i, 300 * i + 250));
    const { facts } = await decode(model, prompt, 12, optionsOf(model, { threshold: nats }));
    expect(facts.map(({ token }) => token)).toEqual(await adaDec(model, prompt, 12, nats));
    pauses += facts.filter(({ entropy }) => entropy >= nats).length;
  }
  expect(pauses).toBeGreaterThan(5);
});

test('with no threshold in reach it is greedy, and needs no more passes', async () => {
  const model = models.get('int8') as LoadedModel;
  const prompt = model.tokenizer.encode(source.slice(0, 300));
  const { facts, forwards } = await decode(model, prompt, 12, optionsOf(model, { threshold: 100 }));
  expect(forwards).toBe(facts.length);
});
