import { argmax, type Decoder, predictions, prefill, promptTokens } from '../engine';
import { type Sampler, timed } from '../measure';
import type { Peer } from '../peer';

export const context = 1000;
export const prompt = 512;
export const batch = 16;
/** Decode steps in a row before another contender's turn. */
const burst = 6;

/** What is timed of our decoder; on a GPU nothing but the choice of tokens comes back from there. */
export async function ourSamplers(decoder: Decoder) {
  const { vocabSize } = decoder.config;
  const cache = decoder.newCache();
  const empty = decoder.newCache();
  await prefill(decoder, cache, promptTokens(context, vocabSize));
  /** Some passes in a row, each behind the context again. */
  const passes =
    (pass: () => Promise<unknown>): Sampler =>
    async () => {
      const samples: number[] = [];
      for (let i = 0; i < burst; i++) {
        samples.push((await timed(pass)).ms);
        cache.truncate(context);
      }
      return samples;
    };
  const forward = (rows: number) => decoder.forward(cache, promptTokens(rows, vocabSize), { logits: rows });
  const choose = (rows: number) => predictions(decoder, cache, promptTokens(rows, vocabSize));
  const isHost = decoder.device === 'cpu';
  const prefillPrompt: Sampler = async () => {
    const tokens = promptTokens(prompt, vocabSize);
    const { ms } = await timed(async () => argmax(await prefill(decoder, empty, tokens)));
    empty.truncate(0);
    return [ms];
  };
  return {
    decode: passes(async () => (isHost ? argmax(await forward(1)) : choose(1))),
    oneRow: passes(() => (isHost ? forward(1) : choose(1))),
    batch: passes(() => (isHost ? forward(batch) : choose(batch))),
    prefill: prefillPrompt,
    release() {
      for (const each of [cache, empty]) each.storage.dispose();
    },
  };
}

export async function llamaSamplers(llama: Awaited<ReturnType<Peer['loadLlama']>>, vocabSize: number) {
  let held = 0;
  /** Brings the cache to `rows` rows of prompt without counting it. */
  const hold = async (rows: number) => {
    if (held < rows) {
      await llama.truncate(0);
      await llama.encode(promptTokens(rows, vocabSize));
    }
    await llama.truncate(rows);
    held = rows;
  };
  const decode: Sampler = async () => {
    await hold(context);
    const samples: number[] = [];
    for (let i = 0; i < burst; i++) {
      samples.push((await timed(() => llama.encode(promptTokens(1, vocabSize)))).ms);
      await llama.truncate(context);
    }
    return samples;
  };
  const prefillPrompt: Sampler = async () => {
    await hold(0);
    return [(await timed(() => llama.encode(promptTokens(prompt, vocabSize)))).ms];
  };
  return { decode, prefill: prefillPrompt };
}
