import type { Decoder } from '../decoder';

/** Tokens that stand before, that an edit leaves to encode, and that a line's completion has. */
const context = 256;
const edited = 24;
const written = 12;
/** Nobody waits minutes for a choice. */
const longestMs = 10_000;

/**
 * Milliseconds of a typical completion: some rows to encode behind a context, then a line token by token. The best of three,
 * since other work on the machine only makes it longer; the first one, which compiles shaders, does not count.
 */
export async function probe(decoder: Decoder): Promise<number> {
  const { vocabSize } = decoder.config;
  const rows = Math.min(context, decoder.config.maxPositions - edited - written);
  const tokens = (count: number) => Array.from({ length: count }, (_, i) => (i * 7919 + 13) % vocabSize);
  const cache = decoder.newCache();
  /** What decoding asks for where nothing restricts it. */
  const choose = async (ids: readonly number[]) => {
    const [prediction] = await decoder.predict(cache, ids, { logits: 1 });
    await prediction?.distribution(3);
  };
  const began = performance.now();
  let best = Number.POSITIVE_INFINITY;
  await decoder.forward(cache, tokens(rows), { logits: 0 });
  for (let turn = 0; turn < 4; turn++) {
    cache.truncate(rows);
    const start = performance.now();
    await choose(tokens(edited));
    for (let i = 1; i < written; i++) await choose([i % vocabSize]);
    const end = performance.now();
    const isSlow = end - began > longestMs;
    if (turn > 0 || isSlow) best = Math.min(best, end - start);
    if (isSlow) break;
  }
  cache.storage.dispose();
  return best;
}
