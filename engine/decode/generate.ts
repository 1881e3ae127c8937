import type { KvCache } from '../cache/kvCache';
import { planPrompt } from '../cache/planPrompt';
import type { Completion, CompletionRequest, StopReason, TokenTrace } from '../completion';
import { createStreamDecoder } from '../model/tokenizer';
import type { Prompt } from '../prompt';
import type { LoadedModel } from '../runtime/load';
import { unconstrained } from './constraint';
import type { Drafter } from './draft';
import { prefill } from './prefill';
import { repeats } from './repetition';
import { type CommittedToken, type Policy, type Sequence, step } from './step';
import { type Stop, stopRules } from './stop';

export interface Clock {
  /** Milliseconds since the request arrived. */
  elapsed(): number;
}

/** What a request is answered from. */
export interface Task {
  readonly prompt: Prompt;
  readonly cache: KvCache;
  readonly drafter: Drafter;
}

/**
 * Answers one request: encodes what the cache lacks of the prompt, then decodes until a stop rule holds.
 * @param isCancelled asked between passes; the rows encoded until then stay in the cache
 */
export async function generate(
  model: LoadedModel,
  { prompt, cache, drafter }: Task,
  request: CompletionRequest,
  isCancelled: () => boolean,
  clock: Clock,
): Promise<Completion> {
  const { decoder } = model;
  const promptMs = clock.elapsed();
  const mode = request.without.includes('kv') ? 'recompute' : (request.reuse ?? 'pie');
  const plan = planPrompt(decoder, cache, prompt.ids, mode);
  const sequence: Sequence = { cache, tokens: [...prompt.ids], text: '' };
  let lastAsked = promptMs;
  /** Asked between passes: one that would end behind the deadline, going by the last one, is not begun. */
  const interrupted = (): StopReason | undefined => {
    const now = clock.elapsed();
    const passMs = now - lastAsked;
    lastAsked = now;
    if (isCancelled()) return 'cancelled';
    return now + passMs >= request.deadlineMs ? 'deadline' : undefined;
  };

  const encoded = await prefill(decoder, cache, sequence.tokens, plan, plan.rotate, interrupted);
  const prefillMs = clock.elapsed() - promptMs;
  const output = createOutput(model, sequence, request, clock);
  const policy: Policy = { vocabulary: model.vocabulary, constraint: unconstrained, drafter };
  const counts = { forwards: encoded.forwards, drafted: 0, accepted: 0 };
  let stopReason = encoded.interrupted;
  while (stopReason === undefined) {
    const room = Math.min(
      request.maxTokens - output.tokens.length,
      decoder.maxPositions - sequence.tokens.length,
    );
    const result = await step(decoder, sequence, policy, room, output.commit);
    counts.forwards++;
    counts.drafted += result.drafted;
    counts.accepted += result.accepted;
    stopReason = output.stop()?.reason ?? interrupted();
  }
  return {
    text: output.stop()?.text ?? sequence.text,
    alternatives: [],
    stopReason,
    tokens: output.tokens,
    cache: plan.use,
    ...counts,
    rollbacks: 0,
    timings: {
      promptMs,
      prefillMs,
      decodeMs: clock.elapsed() - promptMs - prefillMs,
      monitorMs: 0,
      totalMs: clock.elapsed(),
    },
    device: decoder.device,
    model: model.name,
  };
}

/** Collects committed tokens and decides when the completion is whole. */
function createOutput(model: LoadedModel, sequence: Sequence, request: CompletionRequest, clock: Clock) {
  const stream = createStreamDecoder(model.tokenizer);
  const rule = stopRules(request.mode, request.prefix, request.suffix);
  const tokens: TokenTrace[] = [];
  const promptLength = sequence.tokens.length;
  let stop: Stop | undefined;
  const stopAt = (reason: StopReason): Stop => ({ reason, text: sequence.text });
  return {
    tokens,
    stop: () => stop,
    commit({ token, logprob, entropy, source, constrained }: CommittedToken): boolean {
      const isEnd = model.endTokens.has(token);
      const text = isEnd ? '' : stream.push(token);
      tokens.push({ text, logprob, entropy, source, constrained });
      sequence.text += text;
      stop = isEnd ? stopAt('end-token') : rule(sequence.text);
      if (!stop && repeats(sequence.tokens.slice(promptLength))) stop = stopAt('repetition');
      if (!stop && clock.elapsed() >= request.lineDeadlineMs) stop = finishedLines(sequence.text);
      if (!stop && tokens.length >= request.maxTokens) stop = stopAt('max-tokens');
      if (!stop && sequence.tokens.length >= model.decoder.maxPositions) stop = stopAt('context-full');
      return stop === undefined;
    },
  };
}

/** The text up to its last line break, where something stands before that. */
function finishedLines(text: string): Stop | undefined {
  const lines = text.slice(0, Math.max(0, text.lastIndexOf('\n')));
  return lines.trim() === '' ? undefined : { reason: 'deadline', text: lines };
}
