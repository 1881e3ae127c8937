import fc from 'fast-check';
import * as ort from 'onnxruntime-node';
import { afterAll, describe, expect, test } from 'vitest';
import { distributionOf, type TokenMask } from '../../../engine/decode/distribution';
import { createHead, type Head } from '../../../engine/runtime/webgpu/head';
import { topCount } from '../../../engine/runtime/webgpu/headGraph';
import { copyGraph, type Provider, sessionOptions } from '../../../engine/runtime/webgpu/session';
import { numRuns, testDevice } from '../../support/device';

/** The same graph on the processor and, in the project `webgpu`, on the device that it is made for. */
const provider: Provider = testDevice;
const opened: { release(): Promise<void> }[] = [];
afterAll(async () => {
  for (const one of opened) await one.release();
});

const copies = ort.InferenceSession.create(copyGraph(), sessionOptions(provider));

async function open(vocabulary: TokenMask): Promise<Head> {
  const head = await createHead(vocabulary, provider);
  opened.push(head);
  return head;
}

/** Puts logits where a pass would. */
async function write(head: Head, rows: readonly Float32Array[]): Promise<void> {
  const vocabSize = rows[0]?.length ?? 0;
  const all = new Float32Array(rows.length * vocabSize);
  for (const [i, row] of rows.entries()) all.set(row, i * vocabSize);
  const dims = [1, 1, rows.length, vocabSize];
  const y = await head.target(rows.length);
  const target =
    y.location === 'gpu-buffer'
      ? ort.Tensor.fromGpuBuffer(y.gpuBuffer, { dataType: 'float32', dims })
      : new ort.Tensor('float32', y.data as Float32Array, dims);
  await (await copies).run({ x: new ort.Tensor('float32', all, dims) }, { y: target });
}

const float = (min: number, max: number) => fc.float({ min, max, noNaN: true });
/** Logits as models have them, of which many are equal, and what no model should have. */
const logit = fc.oneof(
  { weight: 20, arbitrary: float(-40, 40) },
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NEGATIVE_INFINITY, -3e38, -1e30, 0, -0, 90) },
);
const rowOf = (vocabulary: TokenMask) =>
  fc
    .array(logit, { minLength: 1, maxLength: vocabulary.length, size: 'max' })
    .map((some) => Float32Array.from(vocabulary, (_, i) => some[(i * 7) % some.length] as number))
    .filter((row) => row.some((value, id) => value > Number.NEGATIVE_INFINITY && vocabulary[id] === 1));

/** Sizes of one block, of several, with a rest that fills none, and of more than are sorted at once. */
const vocabularies = [7, 320, 5000, 8192].map((vocabSize) => ({
  vocabSize,
  vocabulary: Uint8Array.from({ length: vocabSize }, (_, id) =>
    Number(id === 5 || (id % 11 !== 3 && id < 0.98 * vocabSize)),
  ),
}));

describe.each(vocabularies)('the head of $vocabSize tokens', ({ vocabulary }) => {
  const head = open(vocabulary);

  test('predicts what all logits would, to rounding', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(rowOf(vocabulary), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 20 }),
        async (rows, count) => {
          const opened = await head;
          await write(opened, rows);
          const predictions = await opened.predictions();
          expect(predictions).toHaveLength(rows.length);
          for (const [i, row] of rows.entries()) {
            const expected = distributionOf(row, vocabulary);
            const actual = await (predictions[i] as (typeof predictions)[0]).distribution(count);
            expect(actual.entropy).toBeCloseTo(expected.entropy, 4);
            const near = ({ token, logprob }: typeof expected.best) => ({
              token,
              logprob: expect.closeTo(logprob, 4),
            });
            expect(actual.best).toEqual(near(expected.best));
            const likely = expected.top(count);
            const wanted = likely.filter(({ logprob }) => logprob > -1e5);
            expect(actual.top(count).slice(0, wanted.length)).toEqual(wanted.map(near));
            expect(actual.top(count).map(({ token }) => token)).toEqual(likely.map(({ token }) => token));
          }
        },
      ),
      { numRuns: numRuns(60) },
    );
  }, 240_000);

  test('gives any row itself, to the last bit, until the next pass', async () => {
    const opened = await head;
    const rows = fc.sample(rowOf(vocabulary), { numRuns: 3, seed: 7 });
    await write(opened, rows);
    const [first, second, third] = await opened.predictions();
    expect(await third?.logits()).toEqual(rows[2]);
    expect(await first?.logits()).toEqual(rows[0]);
    await write(opened, rows);
    expect(await first?.logits()).toEqual(rows[0]);
    await expect(second?.logits()).rejects.toThrow(/a later pass has written over/);
  });
});

test('where a model is sure of its order no row of logits is fetched', async () => {
  const vocabSize = 8192;
  const opened = await open(new Uint8Array(vocabSize).fill(1));
  const rows = [1, 2, 3].map((k) => Float32Array.from({ length: vocabSize }, (_, i) => Math.sin(i * k) * 9));
  await write(opened, rows);
  for (const prediction of await opened.predictions()) await prediction.distribution(topCount - 1);
  expect(opened.fetchedBytes()).toBeLessThanOrEqual(rows.length * 400);
});

test('what is not a number is told as such', async () => {
  const opened = await open(new Uint8Array(300).fill(1));
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    await write(opened, [new Float32Array(300).fill(value)]);
    const [prediction] = await opened.predictions();
    await expect(prediction?.distribution(1)).rejects.toThrow(/not a number/);
  }
});
