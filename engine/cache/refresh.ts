import { type Decoder, roomInBlock } from '../runtime/decoder';
import type { KvCache } from './kvCache';

/** A request that arrives waits for the running pass: its rows are as many as take about so long. */
const passMs = 25;
const fewestRows = 4;

/**
 * Encodes stale rows anew, from the first on: each then sees only exact rows. Where rows do not depend on those that share a
 * pass with them (`Decoder.independentRows`) the cache is then to the last bit what a full computation gives. Everything encoded
 * until an interruption stays.
 * @param isInterrupted asked between passes
 * @returns rows that are still stale
 */
export async function refresh(
  decoder: Decoder,
  cache: KvCache,
  isInterrupted: () => boolean,
): Promise<number> {
  let most = Number.POSITIVE_INFINITY;
  while (cache.exact < cache.length && !isInterrupted()) {
    const at = cache.exact;
    const rows = Math.min(roomInBlock(at), cache.length - at, most);
    const started = performance.now();
    await decoder.forward(cache, Array.from(cache.tokens.subarray(at, at + rows)), { logits: 0, at });
    most = Math.max(fewestRows, Math.floor((rows * passMs) / (performance.now() - started)));
  }
  return cache.length - cache.exact;
}
