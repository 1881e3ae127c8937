import { refresh } from '../../../engine/cache/refresh';
import type { Completion, ReuseMode } from '../../../engine/completion';
import { createCopyDrafter } from '../../../engine/decode/copy';
import { generate } from '../../../engine/decode/generate';
import type { LoadedModel } from '../../../engine/runtime/load';
import type { KvCache } from '../engine';
import type { ReplayRequest } from './request';

export interface Answer {
  /** From the edit to the first new token, and to the whole completion, in milliseconds. */
  readonly firstMs: number;
  readonly totalMs: number;
}

export interface OurAnswer extends Answer {
  readonly completion: Completion;
  /** Of the next token, right behind the prompt. */
  readonly logits: Float32Array;
}

/** Answers the requests of one document in one mode of reuse, with a cache of its own. */
export interface OurContender {
  answer(request: ReplayRequest): Promise<OurAnswer>;
  /** What idle time between two requests is used for. */
  idle(): Promise<void>;
  /** Bytes of its KV cache. */
  bytes(): number;
  close(): void;
}

export function ourContender(model: LoadedModel, reuse: ReuseMode): OurContender {
  const { decoder } = model;
  const cache = decoder.newCache();
  return {
    async answer({ prompt, request, promptMs }) {
      const started = performance.now();
      const elapsed = () => performance.now() - started;
      const passes: number[] = [];
      // Asked after each pass but the last: the first time behind the prefill is the end of the first step.
      const isCancelled = () => {
        passes.push(elapsed());
        return false;
      };
      const completion = await generate(
        model,
        { cache, prompt, drafter: createCopyDrafter() },
        { ...request, reuse },
        isCancelled,
        {
          elapsed,
        },
      );
      const { promptMs: planned, prefillMs, totalMs } = completion.timings;
      const firstMs = passes.find((ms) => ms > planned + prefillMs) ?? totalMs;
      return {
        completion,
        firstMs: promptMs + firstMs,
        totalMs: promptMs + totalMs,
        logits: await nextLogits(model, cache, prompt.ids),
      };
    },
    async idle() {
      if (reuse === 'pie') await refresh(decoder, cache, () => false);
    },
    bytes: () => cache.byteLength,
    close: () => cache.storage.dispose(),
  };
}

/** Encodes the prompt's last row once more, which gives the same row: the logits that the completion began with. */
async function nextLogits({ decoder }: LoadedModel, cache: KvCache, prompt: readonly number[]) {
  const at = prompt.length - 1;
  return Float32Array.from(await decoder.forward(cache, prompt.slice(at), { logits: 1, at }));
}
