import type { Peer } from '../peer';
import type { Answer } from './ours';
import type { ReplayRequest } from './request';

type Llama = Awaited<ReturnType<Peer['loadLlama']>>;

/**
 * llama.cpp as its server uses it: what the prompt has in common with the cached sequence from the start stays, everything
 * behind is evaluated, and then as many tokens are decoded greedily as are asked for.
 */
export function llamaContender(llama: Llama) {
  let held: number[] = [];
  return {
    async answer({ prompt, promptMs }: ReplayRequest, tokens: number): Promise<Answer> {
      const { ids } = prompt;
      const started = performance.now();
      const kept = Math.min(commonPrefix(held, ids), ids.length - 1);
      await llama.truncate(kept);
      let next = await llama.encode(ids.slice(kept));
      const firstMs = performance.now() - started;
      held = [...ids];
      for (let made = 1; made < tokens; made++) {
        held.push(next);
        next = await llama.encode([next]);
      }
      return { firstMs: promptMs + firstMs, totalMs: promptMs + performance.now() - started };
    },
  };
}

export function commonPrefix(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
