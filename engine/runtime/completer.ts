import { type KvCache, unencoded } from '../cache/kvCache';
import { planPrompt } from '../cache/planPrompt';
import { refresh } from '../cache/refresh';
import { createSessions } from '../cache/sessions';
import type { Completion, CompletionRequest, ReuseMode, ScoreRequest } from '../completion';
import type { Clock } from '../decode/clock';
import { createCopyDrafter } from '../decode/copy';
import { createCopySources } from '../decode/copySources';
import { type Drafter, noDraft } from '../decode/draft';
import { generate } from '../decode/generate';
import { createHealing, type Healed, unhealed } from '../decode/healing';
import { createKneeMeter } from '../decode/knee';
import { prefill } from '../decode/prefill';
import { createScoring, type Scoring } from '../decode/uncertainty/score';
import type { MonitorOracle } from '../monitor';
import { buildPrompt, type Prompt } from '../prompt';
import type { LoadedModel } from './load';

/** Answers requests with one model, keeping a KV cache and a prompt window per document. */
export interface Completer {
  /** Tokens of prompt and completion together. */
  readonly contextTokens: number;
  /**
   * @param oracle answers the questions of the request's monitors
   * @param written told the text after each pass
   */
  complete(
    request: CompletionRequest,
    isCancelled: () => boolean,
    clock: Clock,
    oracle?: MonitorOracle,
    written?: (text: string) => void,
  ): Promise<Completion>;
  /**
   * Encodes what a deadline left of a document's last prompt.
   * @param isInterrupted asked between passes
   */
  finishPrompt(session: string, isInterrupted: () => boolean): Promise<void>;
  /**
   * Encodes what a request would show, where its document has been completed before: then most of it is there.
   * @param isInterrupted asked between passes
   */
  prepare(request: CompletionRequest, isInterrupted: () => boolean): Promise<void>;
  /**
   * Finishes a document's prompt and encodes anew the rows that an edit made stale, so that the next request finds
   * them exact.
   * @param isInterrupted asked between passes
   * @returns rows that are still stale
   */
  refresh(session: string, isInterrupted: () => boolean): Promise<number>;
  /**
   * Work for idle time: refreshes a document, indexes texts to copy from, and measures how long a draft may be.
   * @param session the document that was used last
   */
  idle(session: string | undefined, isInterrupted: () => boolean): Promise<void>;
  /** How the model sees the tokens of a text coming. */
  score(request: ScoreRequest): Scoring;
  /** Takes another threshold of uncertainty for all requests from now on. */
  useThreshold(threshold: number): void;
  forget(session: string): void;
}

interface Session {
  readonly cache: KvCache;
  prompt: Prompt | undefined;
  reuse: ReuseMode;
}

/** Longest draft until the device has been measured. */
const defaultDraft = 7;

/** @param cacheBytes all documents' caches together */
export function createCompleter(model: LoadedModel, contextLimit: number, cacheBytes: number): Completer {
  const { decoder, tokenizer, fim } = model;
  const { config } = decoder;
  const contextTokens = Math.min(
    contextLimit,
    config.maxPositions,
    config.slidingWindow ?? contextLimit,
    decoder.maxPositions,
  );
  const promptModel = { tokenizer, fim, bos: config.bosTokenId, eos: config.eosTokenIds[0] };
  const copySources = createCopySources(tokenizer.encode);
  const kneeMeter = createKneeMeter(decoder);
  const heal = createHealing(tokenizer);
  let { threshold } = model;
  const sessions = createSessions(
    cacheBytes,
    (): Session => ({ cache: decoder.newCache(), prompt: undefined, reuse: 'pie' }),
  );

  async function finishPrompt(key: string, isInterrupted: () => boolean): Promise<void> {
    const session = sessions.peek(key);
    if (session?.prompt === undefined) return;
    const { cache, prompt, reuse } = session;
    if (reuse === 'recompute') return;
    if (isWhole(cache) && cache.length >= prompt.ids.length - 1) return;
    const plan = planPrompt(decoder, cache, prompt.ids, reuse);
    await prefill(decoder, cache, prompt.ids, plan, plan.rotate, () => isInterrupted() || undefined);
  }

  /** However long a completion may be, half of what the model can see belongs to the prompt. */
  const mostTokens = (request: CompletionRequest) => Math.min(request.maxTokens, contextTokens >> 1);

  const healedOf = ({ prefix, without }: CompletionRequest) =>
    without.includes('healing') ? unhealed(prefix) : heal(prefix);

  /** The prompt of a request, which its session keeps. */
  function promptOf(session: Session, request: CompletionRequest, healed: Healed): Prompt {
    const parts = { ...request, prefix: healed.prefix };
    session.prompt = buildPrompt(promptModel, parts, contextTokens - mostTokens(request), session.prompt);
    return session.prompt;
  }

  async function prepare(request: CompletionRequest, isInterrupted: () => boolean): Promise<void> {
    const session = sessions.peek(request.session);
    const reuse = request.reuse ?? 'pie';
    if (session === undefined || session.reuse !== reuse || reuse === 'recompute') return;
    if (request.without.includes('kv')) return;
    const { ids } = promptOf(session, request, healedOf(request));
    const plan = planPrompt(decoder, session.cache, ids, reuse);
    await prefill(decoder, session.cache, ids, plan, plan.rotate, () => isInterrupted() || undefined);
    sessions.trim();
  }

  async function refreshSession(key: string, isInterrupted: () => boolean): Promise<number> {
    const session = sessions.peek(key);
    if (session === undefined || session.reuse !== 'pie') return 0;
    await finishPrompt(key, isInterrupted);
    const { cache } = session;
    return isWhole(cache) ? refresh(decoder, cache, isInterrupted) : cache.length - cache.exact;
  }

  function drafterFor({ without, copyRule, copySources: offered = [] }: CompletionRequest): Drafter {
    copySources.offer(offered);
    if (without.includes('copy') || !decoder.independentRows) return noDraft;
    const longestDraft = kneeMeter.knee ?? defaultDraft;
    return createCopyDrafter({ rule: copyRule, sources: copySources.ready(), longestDraft });
  }

  return {
    contextTokens,
    async complete(request, isCancelled, clock, oracle, written) {
      const maxTokens = mostTokens(request);
      const session = sessions.open(request.session);
      const { cache } = session;
      const reuse = request.reuse ?? 'pie';
      // What one mode leaves in a cache is not what another would have.
      if (session.reuse !== reuse) cache.truncate(0);
      session.reuse = reuse;
      const healed = healedOf(request);
      const prompt = promptOf(session, request, healed);
      const task = { prompt, cache, drafter: drafterFor(request), healed, oracle, written };
      const chosen = { ...request, maxTokens, threshold: request.threshold ?? threshold };
      const completion = await generate(model, task, chosen, isCancelled, clock);
      const { byteLength } = cache;
      sessions.trim();
      return sessions.has(request.session) ? completion : withFallback(completion, byteLength, cacheBytes);
    },
    score: (request) => createScoring(model, promptModel, heal(request.prefix), request, contextTokens),
    useThreshold(value) {
      threshold = value;
    },
    finishPrompt,
    prepare,
    refresh: refreshSession,
    async idle(key, isInterrupted) {
      if (key !== undefined) await refreshSession(key, isInterrupted);
      await copySources.index(isInterrupted);
      if (decoder.independentRows) await kneeMeter.measure(isInterrupted);
    },
    forget: sessions.close,
  };
}

const isWhole = (cache: KvCache) => !cache.tokens.includes(unencoded);

function withFallback(completion: Completion, bytes: number, budget: number): Completion {
  const mebibytes = (count: number) => (count / 2 ** 20).toFixed(count < 10 * 2 ** 20 ? 1 : 0);
  const fallback = `Nothing is kept for the next request, because the cache of this document alone (${mebibytes(bytes)} MiB) is larger than what all may take (${mebibytes(budget)} MiB).`;
  return { ...completion, cache: { ...completion.cache, fallback } };
}
