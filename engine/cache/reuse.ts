import type { CacheUse } from '../completion';

/** What of a cache serves a new prompt, and what has to be encoded for it. */
export interface ReusePlan {
  /** Cached rows, from the first on, whose tokens the prompt begins with. */
  readonly kept: number;
  readonly use: CacheUse;
}

/**
 * Prefix reuse: rows are kept up to the first token that differs. The last token of a prompt is always
 * encoded, since its logits are wanted.
 * @param cached tokens of the cached rows, in order
 */
export function planReuse(cached: ArrayLike<number>, prompt: readonly number[]): ReusePlan {
  const limit = Math.min(cached.length, prompt.length - 1);
  let kept = 0;
  while (kept < limit && cached[kept] === prompt[kept]) kept++;
  return { kept, use: { kept, shifted: 0, encoded: prompt.length - kept, stale: 0 } };
}
