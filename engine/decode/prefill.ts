import type { KvCache } from '../cache/kvCache';
import type { Decoder } from '../runtime/decoder';

/** Rows of one pass: enough to fill the CPU, few enough that a cancelled request ends within one of them. */
const chunkRows = 64;

/**
 * Encodes the tokens that the cache lacks, in chunks, but for the last one: the first step of decoding encodes
 * that one and reads its logits.
 * @param interrupted asked between chunks; what it returns ends the prefill. Encoded rows stay in the cache.
 */
export async function prefill<Reason>(
  decoder: Decoder,
  cache: KvCache,
  tokens: readonly number[],
  interrupted: () => Reason | undefined,
): Promise<{ forwards: number; interrupted: Reason | undefined }> {
  let forwards = 0;
  while (tokens.length - cache.length > chunkRows) {
    const reason = interrupted();
    if (reason !== undefined) return { forwards, interrupted: reason };
    await decoder.forward(cache, tokens.slice(cache.length, cache.length + chunkRows), { logits: 0 });
    forwards++;
  }
  return { forwards, interrupted: interrupted() };
}
