import type { KvCache } from '../cache/kvCache';
import { type Decoder, roomInBlock } from '../runtime/decoder';

/**
 * Encodes the tokens that the cache lacks, an attention block a pass, but for the last one: the first step of decoding encodes
 * that one and reads its logits.
 * @param interrupted asked between passes; what it returns ends the prefill. Encoded rows stay in the cache.
 */
export async function prefill<Reason>(
  decoder: Decoder,
  cache: KvCache,
  tokens: readonly number[],
  interrupted: () => Reason | undefined,
): Promise<{ forwards: number; interrupted: Reason | undefined }> {
  let forwards = 0;
  for (let rows = roomInBlock(cache); tokens.length - cache.length > rows; rows = roomInBlock(cache)) {
    const reason = interrupted();
    if (reason !== undefined) return { forwards, interrupted: reason };
    await decoder.forward(cache, tokens.slice(cache.length, cache.length + rows), { logits: 0 });
    forwards++;
  }
  return { forwards, interrupted: interrupted() };
}
