import { createSessions } from '../cache/sessions';
import type { Completion, CompletionRequest } from '../completion';
import { type Clock, generate } from '../decode/generate';
import { prefill } from '../decode/prefill';
import { buildPrompt, type Prompt } from '../prompt';
import type { LoadedModel } from './load';

/** Answers requests with one model, keeping a KV cache and a prompt window per document. */
export interface Completer {
  /** Tokens of prompt and completion together. */
  readonly contextTokens: number;
  complete(request: CompletionRequest, isCancelled: () => boolean, clock: Clock): Promise<Completion>;
  /**
   * Encodes what a deadline left of a document's last prompt, so that the next request finds it done.
   * @param isInterrupted asked between chunks
   */
  finishPrompt(session: string, isInterrupted: () => boolean): Promise<void>;
  forget(session: string): void;
}

/** All documents' caches together. */
const cacheBudgetBytes = 512 * 1024 * 1024;
export function createCompleter(model: LoadedModel, contextLimit: number): Completer {
  const { decoder, tokenizer, fim } = model;
  const { config } = decoder;
  const contextTokens = Math.min(
    contextLimit,
    config.maxPositions,
    config.slidingWindow ?? contextLimit,
    decoder.maxPositions,
  );
  const promptModel = { tokenizer, fim, bos: config.bosTokenId };
  const sessions = createSessions(cacheBudgetBytes, () => ({
    cache: decoder.newCache(),
    prompt: undefined as Prompt | undefined,
  }));

  return {
    contextTokens,
    async complete(request, isCancelled, clock) {
      // However long a completion may be, half of what the model can see belongs to the prompt.
      const maxTokens = Math.min(request.maxTokens, contextTokens >> 1);
      const session = sessions.open(request.session);
      session.prompt = buildPrompt(promptModel, request, contextTokens - maxTokens, session.prompt);
      const { cache, prompt } = session;
      const completion = await generate(model, cache, prompt, { ...request, maxTokens }, isCancelled, clock);
      sessions.trim();
      return completion;
    },
    async finishPrompt(key, isInterrupted) {
      const { cache, prompt } = sessions.open(key);
      if (prompt) await prefill(decoder, cache, prompt.ids, () => isInterrupted() || undefined);
    },
    forget: sessions.close,
  };
}
