import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unconstrained } from '../../../engine/decode/constraint';
import { type Drafter, noDraft } from '../../../engine/decode/draft';
import { type CommittedToken, newSequence, step } from '../../../engine/decode/step';
import type { Precision } from '../../../engine/model/linear';
import { type Decoder, loadDecoder } from '../../../engine/runtime/decoder';
import { defaultModel } from '../../support/defaultModel';
import { expectSameTokens, isExact, numRuns, testDevice } from '../../support/device';

/** A software device takes a quarter of a second for each token of this model at fp32. */
const precisions = isExact ? (['int8', 'fp32'] as const) : (['int8'] as const);
const decoders = new Map<Precision, Decoder>();
let cacheDirectory: string;

beforeAll(async () => {
  cacheDirectory = await mkdtemp(join(tmpdir(), 'slipstream-step-'));
  for (const precision of precisions) {
    const options = {
      modelDirectory: defaultModel,
      precision,
      device: testDevice,
      threads: 1,
      cacheDirectory,
    } as const;
    decoders.set(precision, await loadDecoder(options));
  }
});
afterAll(async () => {
  for (const decoder of decoders.values()) await decoder.release();
  await rm(cacheDirectory, { recursive: true, force: true });
});

async function decode(decoder: Decoder, prompt: readonly number[], count: number, drafter: Drafter) {
  const sequence = newSequence(decoder.newCache(), prompt);
  const committed: CommittedToken[] = [];
  let accepted = 0;
  while (committed.length < count) {
    const policy = { constraint: unconstrained, drafter };
    const result = await step(decoder, sequence, policy, count - committed.length, (token) => {
      committed.push(token);
      return committed.length < count;
    });
    accepted += result.accepted;
  }
  return { committed, accepted, cachedTokens: [...sequence.cache.tokens] };
}

/** Log-probability and entropy to the last bit, too: passes of any size give the same rows. */
const withoutSource = ({ source: _, ...rest }: CommittedToken) => rest;

const prompts = fc.array(fc.integer({ min: 0, max: 8000 }), { minLength: 1, maxLength: 40 });

describe.each(precisions)('step at %s', (precision) => {
  test('drafts change how many tokens a pass yields, never which', async () => {
    const decoder = decoders.get(precision) as Decoder;
    await fc.assert(
      fc.asyncProperty(prompts, fc.infiniteStream(fc.integer({ min: 0, max: 9 })), async (prompt, dice) => {
        const plain = await decode(decoder, prompt, 12, noDraft);
        const truth = plain.committed.map(({ token }) => token);
        // Mostly right, sometimes wrong in the middle, sometimes empty: what a real drafter is.
        const drafter: Drafter = {
          source: 'copy',
          draft(tokens, room) {
            const done = tokens.length - prompt.length;
            const length = Math.min(room, Number(dice.next().value));
            return truth.slice(done, done + length).map((t) => (dice.next().value === 0 ? 7 : t));
          },
        };
        const drafted = await decode(decoder, prompt, 12, drafter);
        expectSameTokens(drafted.committed.map(withoutSource), plain.committed.map(withoutSource));
        expect(drafted.cachedTokens).toEqual([...prompt, ...truth].slice(0, -1));
      }),
      { numRuns: numRuns(15) },
    );
  });

  test('a right draft is accepted whole in one pass', async () => {
    const decoder = decoders.get(precision) as Decoder;
    const prompt = [10, 20, 30, 40];
    const { committed } = await decode(decoder, prompt, 9, noDraft);
    const truth = committed.map(({ token }) => token);
    const oracle: Drafter = { source: 'copy', draft: (tokens) => truth.slice(tokens.length - prompt.length) };
    const { accepted, committed: drafted } = await decode(decoder, prompt, 9, oracle);
    expect(accepted).toBe(9);
    expect(drafted.every(({ source }) => source === 'copy')).toBe(true);
  });
});
