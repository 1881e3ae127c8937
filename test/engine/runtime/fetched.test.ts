import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Constraint, unconstrained } from '../../../engine/decode/constraint';
import { distributionOf } from '../../../engine/decode/distribution';
import { noDraft } from '../../../engine/decode/draft';
import { newSequence, type Policy, step } from '../../../engine/decode/step';
import { published } from '../../../engine/decode/uncertainty/lookahead';
import { readConfig } from '../../../engine/model/config';
import type { Precision } from '../../../engine/model/linear';
import { type Decoder, wholeVocabulary } from '../../../engine/runtime/decoder';
import { carefulRun, type GpuRun, loadGpuDecoder } from '../../../engine/runtime/webgpu/decoder';
import { defaultModel } from '../../support/defaultModel';
import { testDevice } from '../../support/device';
import { temporaryFolder } from '../../support/folder';
import { writeTinyModel } from '../../support/tinyModel';

const folder = temporaryFolder();
/** The most that a predicted row may bring from the device. */
const rowBytes = 400;

/** The decoder made for a GPU; on the processor it has the same graphs, and counts what would come from the device. */
async function load(modelDirectory: string, precision: Precision): Promise<Decoder> {
  const options = {
    modelDirectory,
    device: 'webgpu',
    precision,
    threads: 1,
    cacheDirectory: folder('cache'),
  } as const;
  const run: GpuRun = { ...carefulRun, provider: testDevice };
  return loadGpuDecoder(options, await readConfig(modelDirectory), run);
}

const models = [
  {
    name: 'the default model',
    vocabSize: 8192,
    precision: 'int8',
    write: async () => defaultModel,
  },
  {
    name: 'random weights with the vocabulary of Qwen',
    vocabSize: 151_936,
    precision: 'fp32',
    async write() {
      await writeTinyModel(folder('qwen'), { architecture: 'qwen2', seed: 3, vocab: 151_936 });
      return folder('qwen');
    },
  },
] as const;

describe.each(models)(
  'what comes from the device of $name',
  { timeout: 240_000 },
  ({ vocabSize, precision, write }) => {
    let decoder: Decoder;
    beforeAll(async () => {
      decoder = await load(await write(), precision);
    }, 240_000);
    afterAll(() => decoder.release());

    const prompt = Array.from({ length: 40 }, (_, i) => (i * 37) % 256);
    const logitBytes = vocabSize * Float32Array.BYTES_PER_ELEMENT;

    /** Decodes some tokens, one step each. */
    async function decode(policy: Omit<Policy, 'drafter'>, count: number) {
      const sequence = newSequence(decoder.newCache(), prompt);
      const tokens: number[] = [];
      const bytes: number[] = [];
      let forwards = 0;
      while (tokens.length < count) {
        const before = decoder.fetchedBytes();
        const result = await step(
          decoder,
          sequence,
          { ...policy, drafter: noDraft },
          count - tokens.length,
          (committed) => {
            tokens.push(committed.token);
            return tokens.length < count;
          },
        );
        forwards += result.forwards;
        bytes.push(decoder.fetchedBytes() - before);
      }
      sequence.cache.storage.dispose();
      return { tokens, bytes, forwards };
    }

    test('a step brings the most likely tokens, which are those of all logits', async () => {
      const { tokens, bytes } = await decode({ constraint: unconstrained }, 12);
      expect(Math.max(...bytes)).toBeLessThanOrEqual(rowBytes);
      const cache = decoder.newCache();
      const before = decoder.fetchedBytes();
      const expected: number[] = [];
      for (let next: readonly number[] = prompt; expected.length < tokens.length; next = expected.slice(-1)) {
        const logits = await decoder.forward(cache, next, { logits: 1 });
        expected.push(distributionOf(logits, wholeVocabulary(decoder.config)).best.token);
      }
      cache.storage.dispose();
      expect(tokens).toEqual(expected);
      expect(decoder.fetchedBytes() - before).toBeGreaterThanOrEqual(expected.length * logitBytes);
    });

    test('a lookahead brings no logits either', async () => {
      const outlook = {
        preview: () => ({ text: '', stop: undefined }),
        goesOnAfter: () => true,
        isInterrupted: () => false,
      };
      const lookahead = { ...published, threshold: 0, outlook };
      const { bytes, forwards } = await decode({ constraint: unconstrained, lookahead }, 4);
      expect(forwards).toBeGreaterThan(4 * published.depth);
      const total = bytes.reduce((sum, of) => sum + of, 0);
      expect(total).toBeLessThanOrEqual(forwards * published.candidates * rowBytes);
    });

    test('logits come where a mask needs them, and nowhere else', async () => {
      const free = await decode({ constraint: unconstrained }, 6);
      const mask = wholeVocabulary(decoder.config);
      mask[free.tokens[2] as number] = 0;
      let asked = 0;
      const constraint: Constraint = { allowed: () => (asked++ === 2 ? mask : undefined) };
      const { tokens, bytes } = await decode({ constraint }, 6);
      expect(tokens.slice(0, 2)).toEqual(free.tokens.slice(0, 2));
      expect(tokens[2]).not.toBe(free.tokens[2]);
      expect(bytes.map((of) => of >= logitBytes)).toEqual([false, false, true, false, false, false]);
    });

    test('prefill brings a sign that it is done', async () => {
      const cache = decoder.newCache();
      const before = decoder.fetchedBytes();
      await decoder.forward(cache, prompt, { logits: 0 });
      const passes = Math.ceil(prompt.length / carefulRun.rowsPerPass);
      expect(decoder.fetchedBytes() - before).toBe(passes * Float32Array.BYTES_PER_ELEMENT);
      cache.storage.dispose();
    });

    test('rows of several passes keep their logits', async () => {
      const [one, other] = [decoder.newCache(), decoder.newCache()];
      const wanted = 36;
      const logits = await decoder.forward(other, prompt, { logits: wanted });
      const predictions = await decoder.predict(one, prompt, { logits: wanted });
      expect(predictions).toHaveLength(wanted);
      for (const row of [0, 4, 5, 35])
        expect(await predictions[row]?.logits()).toEqual(
          logits.slice(row * vocabSize, (row + 1) * vocabSize),
        );
      for (const cache of [one, other]) cache.storage.dispose();
    });
  },
);
