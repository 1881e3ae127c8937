import { emptyResult, type Place, superseded } from '../complete';
import type { CompletionResult } from '../result';
import { type CompletionCache, createCompletionCache, isCut, type Known } from './completionCache';
import { type Generation, type Surroundings, startGeneration } from './generation';
import { createPace } from './pace';
import { aborted, pause } from './waiting';
import { withKnown } from './withKnown';

/** A request for what to show while somebody types, with all that is needed to answer it after the document has changed. */
export interface TypedRequest {
  readonly uri: string;
  readonly place: Place;
  readonly surroundings: Surroundings;
  /** Milliseconds from now. */
  readonly deadlineMs: number;
  /**
   * Milliseconds to wait for another key before the engine is asked; what the pace of typing suggests where left out. Less
   * where the answer would not be there by the deadline.
   */
  readonly waitMs?: number | undefined;
  /** Resolves in any case. */
  generate: Generate;
  /** The place behind a text, as if it had been accepted here; undefined where nothing would be completed. */
  behind(text: string): Ahead | undefined;
}

export type Generate = (
  deadlineMs: number,
  signal: AbortSignal,
  written: (text: string) => void,
) => Promise<CompletionResult>;

export type Ahead = Pick<TypedRequest, 'place' | 'surroundings' | 'generate'>;

/** Answers requests of somebody who types, from as little computing as may be. */
export interface Answers {
  /** Always at the request's deadline or a moment later, whatever the engine does. */
  answer(request: TypedRequest, signal: AbortSignal): Promise<CompletionResult>;
  /**
   * An answer that was had in another way.
   * @returns it together with what is known of its place already, so that nothing that is shown goes away
   */
  learn(uri: string, place: Place, result: CompletionResult): CompletionResult;
  /** A document has changed: what is generated and does not fit any more ends. */
  changed(uri: string, text: string, now: number): void;
  /** Something else wants the engine. */
  stop(uri: string): void;
  close(uri: string): void;
  /** Forgets all completions: what they were made from has changed. */
  clear(): void;
}

interface DocumentState {
  readonly cache: CompletionCache;
  running: Generation | undefined;
}

interface Asked {
  readonly request: TypedRequest;
  readonly state: DocumentState;
  readonly started: number;
  readonly signal: AbortSignal;
}

const elapsed = ({ started }: Asked) => performance.now() - started;

function tooLate(asked: Asked): CompletionResult {
  if (asked.signal.aborted) return emptyResult(superseded);
  const message = `Nothing was ready within ${Math.round(asked.request.deadlineMs)} ms.`;
  return emptyResult({ reason: 'deadline', message });
}

/** A prompt of which more must be read was not reached by typing. */
const mostTyped = 64;

/** Whether the next answer will take about as long as this one has. */
const isUsual = ({ completion }: CompletionResult) =>
  completion !== undefined && completion.stopReason !== 'cancelled' && completion.cache.encoded <= mostTyped;

/** Nobody types for so long: the completion behind the one that is shown is computed. */
const idleMs = 300;
/** With so few characters left it is computed at once. */
const shortRest = 12;
/** The engine answers at the deadline with what it has. Who has nothing so long after it is told so: VS Code waits 750 ms. */
const slackMs = 50;
const aheadDeadlineMs = 2000;

export function createAnswers(): Answers {
  const states = new Map<string, DocumentState>();
  const pace = createPace();
  /** The one generation that nobody has asked for. */
  let ahead: Generation | undefined;
  let aheadTimer: NodeJS.Timeout | undefined;

  function stateOf(uri: string): DocumentState {
    const state = states.get(uri) ?? { cache: createCompletionCache(), running: undefined };
    states.set(uri, state);
    return state;
  }

  function stop(uri: string): void {
    clearTimeout(aheadTimer);
    ahead?.abort();
    states.get(uri)?.running?.abort();
  }

  function begin(
    state: DocumentState,
    { place, surroundings, generate }: Ahead,
    deadlineMs: number,
    { isAhead = false, isHurried = false },
  ) {
    if (!isAhead) {
      // Whatever nobody waits for, also of another document: the engine would do it first.
      clearTimeout(aheadTimer);
      ahead?.abort();
      state.running?.abort();
    }
    const started = performance.now();
    // Where some of the time had gone, an answer that ended for it says nothing of how long one takes.
    const wasCut = ({ completion }: CompletionResult) => isHurried && completion?.stopReason === 'deadline';
    const generation = startGeneration(place, surroundings, async (signal, written) => {
      const result = await generate(deadlineMs, signal, written);
      state.cache.add(place, result);
      if (!isAhead && isUsual(result) && !wasCut(result)) pace.generated(performance.now() - started);
      return result;
    });
    state.running = generation;
    void generation.ended.then(() => {
      if (state.running === generation) state.running = undefined;
      if (ahead === generation) ahead = undefined;
    });
    if (isAhead) ahead = generation;
    return generation;
  }

  /** Works on the completion behind the one that is shown, as soon as nobody types. */
  function lookAhead({ state, request }: Asked, text: string, isCutShort: boolean): void {
    clearTimeout(aheadTimer);
    const work = () => {
      if (state.running !== undefined) return;
      const next = request.behind(text);
      if (next === undefined || state.cache.find(next.place.caret) !== undefined) return;
      begin(state, next, aheadDeadlineMs, { isAhead: true });
    };
    const isDue = isCutShort || text.length < shortRest;
    aheadTimer = setTimeout(work, isDue ? 0 : idleMs).unref();
  }

  async function answer(request: TypedRequest, signal: AbortSignal): Promise<CompletionResult> {
    const asked: Asked = { request, state: stateOf(request.uri), started: performance.now(), signal };
    const known = asked.state.cache.find(request.place.caret);
    if (known !== undefined) return answered(asked, known, 'cache');
    const late = AbortSignal.timeout(Math.ceil(request.deadlineMs) + slackMs);
    const over = AbortSignal.any([signal, late]);
    const result = (await fromRunning(asked, over)) ?? (await afresh(asked, over));
    return { ...result, totalMs: elapsed(asked) };
  }

  function answered(asked: Asked, known: Known, source: 'cache' | 'in-flight'): CompletionResult {
    const totalMs = elapsed(asked);
    if (known.kind === 'empty') return emptyResult(known, totalMs);
    lookAhead(asked, known.text, known.isCut);
    const { text, alternatives, completion, typed } = known;
    return { kind: 'shown', source, text, alternatives, completion, typedSince: typed, totalMs };
  }

  /** What is being generated answers, if it comes to write what is typed. */
  async function fromRunning(asked: Asked, over: AbortSignal): Promise<CompletionResult | undefined> {
    const { request, state, signal } = asked;
    const { caret } = request.place;
    const { running } = state;
    if (!running?.fits(caret)) return undefined;
    const release = running.hold();
    await running.settled(caret, over);
    release();
    const known = state.cache.find(caret);
    if (known !== undefined && !signal.aborted) return answered(asked, known, 'in-flight');
    return over.aborted ? tooLate(asked) : undefined;
  }

  async function afresh(asked: Asked, over: AbortSignal): Promise<CompletionResult> {
    const { request, state } = asked;
    clearTimeout(aheadTimer);
    ahead?.abort();
    state.running?.abort();
    const room = request.deadlineMs - elapsed(asked) - (pace.answerMs() ?? request.deadlineMs / 2);
    const waitMs = Math.min(request.waitMs ?? pace.waitMs(), room);
    await pause(waitMs, over);
    if (over.aborted) return tooLate(asked);
    const generation = begin(state, request, request.deadlineMs - elapsed(asked), { isHurried: waitMs > 0 });
    const release = generation.hold();
    const result = await Promise.race([generation.ended, aborted(over)]);
    release();
    if (result === undefined) return tooLate(asked);
    if (result.kind === 'shown') lookAhead(asked, result.text, isCut(result.completion));
    return result;
  }

  return {
    answer,
    stop,
    learn(uri, place, result) {
      const { cache } = stateOf(uri);
      const known = cache.find(place.caret);
      const all = known?.kind === 'shown' ? withKnown(result, known) : result;
      cache.add(place, all);
      return all;
    },

    changed(uri, text, now) {
      clearTimeout(aheadTimer);
      pace.typed(now);
      // Types and texts that other documents were completed with are not what they were.
      for (const [other, { cache }] of states) if (other !== uri) cache.clear();
      const running = states.get(uri)?.running;
      if (running !== undefined && !running.fitsDocument(text)) running.abort();
    },

    close(uri) {
      stop(uri);
      states.delete(uri);
    },

    clear() {
      clearTimeout(aheadTimer);
      ahead?.abort();
      // What is waited for is still answered, into a cache that nobody asks any more.
      states.clear();
    },
  };
}
