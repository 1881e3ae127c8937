import type { KvCache } from '../cache/kvCache';
import { planPrompt } from '../cache/planPrompt';
import type { Completion, CompletionRequest, DecodingMode, StopReason } from '../completion';
import type { MonitorOracle } from '../monitor';
import { type Prompt, segmentsOf } from '../prompt';
import type { LoadedModel } from '../runtime/load';
import type { Clock } from './clock';
import type { Drafter } from './draft';
import { type Healed, unhealed } from './healing';
import { createMonitors, type Monitors } from './monitor/monitors';
import { createOutput, type Output } from './output';
import { prefill } from './prefill';
import { type Decoded, decode } from './run';
import { newSequence, type Policy, type Sequence } from './step';
import { alternativesOf } from './uncertainty/alternatives';
import { beamDecode } from './uncertainty/beam';
import { wholeWords, worthiestPart } from './uncertainty/confidence';
import { infillChoice } from './uncertainty/infill';
import { adaptive, type LookaheadOptions } from './uncertainty/lookahead';

/** What a request is answered from. */
export interface Task {
  readonly prompt: Prompt;
  readonly cache: KvCache;
  readonly drafter: Drafter;
  /** What was taken off the prompt's end, to be written again; nothing where left out. */
  readonly healed?: Healed;
  /** Answers the questions of the request's monitors. */
  readonly oracle?: MonitorOracle | undefined;
  /** Told the text after each pass. */
  readonly written?: ((text: string) => void) | undefined;
}

const notDecoded: Omit<Decoded, 'stopReason'> = {
  forwards: 0,
  drafted: 0,
  accepted: 0,
  rollbacks: 0,
  loopsLeft: 0,
  lookahead: { pauses: 0, forwards: 0, changes: [] },
};

/**
 * Answers one request: encodes what the cache lacks of the prompt, then decodes until a stop rule holds.
 * @param isCancelled asked between passes; the rows encoded until then stay in the cache
 */
export async function generate(
  model: LoadedModel,
  task: Task,
  request: CompletionRequest,
  isCancelled: () => boolean,
  clock: Clock,
): Promise<Completion> {
  const { decoder } = model;
  const { prompt, cache, healed = unhealed(request.prefix) } = task;
  const promptMs = clock.elapsed();
  const reuse = request.without.includes('kv') ? 'recompute' : (request.reuse ?? 'pie');
  const plan = planPrompt(decoder, cache, prompt.ids, reuse);
  let last = { askedMs: promptMs, rows: 1 };
  /**
   * Asked between passes: one that would end behind the deadline, going by the last one, is not begun.
   * @param rows of the next pass: with fewer than the last one had it takes less
   */
  const interrupted = (rows = 1): StopReason | undefined => {
    const now = clock.elapsed();
    const passMs = (now - last.askedMs) * Math.min(1, rows / last.rows);
    last = { askedMs: now, rows };
    if (isCancelled()) return 'cancelled';
    return now + passMs >= request.deadlineMs ? 'deadline' : undefined;
  };
  const begin = () => {
    const draft = decoder.independentRows ? healed.tokens : [];
    const expected = { source: 'model', draft } as const;
    const sequence = newSequence(cache, prompt.ids, expected);
    return { sequence, output: createOutput(model, sequence, request, healed.typed, clock) };
  };

  // Asked about what is typed before anything is encoded: by the time of the first choice there may be an answer.
  const monitors = monitorsOf(model, { ...task, healed }, request);
  const { sequence, output } = begin();
  const encoded = await prefill(decoder, cache, sequence.tokens, plan, plan.rotate, interrupted);
  const prefillMs = clock.elapsed() - promptMs;
  const mode = request.without.includes('adaptive') ? 'greedy' : (request.decoding ?? 'adaptive');
  const run = (on: Sequence, to: Output, how: DecodingMode) => {
    const isInterrupted = () => interrupted() !== undefined;
    const plain = policyOf(model, { ...task, healed }, request, how, to, isInterrupted);
    const { threshold = Number.POSITIVE_INFINITY } = plain.lookahead ?? {};
    const { tokenBytes } = model.tokenizer;
    const monitoring = monitors && { monitors, tokenBytes, threshold, isInterrupted };
    const policy: Policy = { ...plain, monitoring };
    // What was typed does not count; how many tokens it becomes shows only then.
    const most = request.maxTokens + healed.tokens.length;
    const room = () => Math.min(most - to.newTokens, decoder.maxPositions - on.tokens.length);
    const afterPass = () => {
      // Alternatives are nobody's business before they are whole.
      if (to === output) task.written?.(to.text);
      return interrupted();
    };
    return (how === 'beam' && decoder.trees ? beamDecode : decode)(decoder, on, to, policy, room, afterPass);
  };
  const { fork, ...decoded } =
    encoded.interrupted === undefined
      ? await run(sequence, output, mode)
      : { ...notDecoded, stopReason: encoded.interrupted, fork: undefined };
  const finish = (on: Sequence, to: Output) => run(on, to, 'greedy');
  const decodedMs = clock.elapsed();
  const monitored = { places: [...(monitors?.places ?? [])], ms: monitors?.ms ?? 0 };
  const whole = isCutOff(output) ? wholeWords(output.text) : output.text;
  const text = request.leastConfidence ? worthiestPart(output.tokens, healed.typed, whole) : whole;
  const alternatives = fork
    ? await alternativesOf(fork, prompt.ids.length, begin, request.finishAlternatives ? finish : undefined)
    : [];
  monitors?.end();
  return {
    text,
    typed: healed.typed,
    alternatives: alternatives.filter((alternative) => alternative !== text),
    tokens: output.tokens,
    cache: encoded.missing > 0 ? { ...plan.use, missing: encoded.missing } : plan.use,
    ...decoded,
    stopReason: text === whole ? decoded.stopReason : stoppedShort(decoded.stopReason),
    forwards: encoded.forwards + decoded.forwards,
    monitored: monitored.places,
    kept: output.kept,
    contextTokens: prompt.contextTokens,
    segments: segmentsOf(prompt),
    timings: {
      promptMs,
      prefillMs,
      decodeMs: decodedMs - promptMs - prefillMs,
      monitorMs: monitored.ms,
      totalMs: clock.elapsed(),
    },
    device: decoder.device,
    model: model.name,
  };
}

/** Whether a completion ends where there was no more time or room, perhaps within a word. */
const isCutOff = ({ stop }: Output): boolean =>
  stop === undefined || stop.reason === 'max-tokens' || stop.reason === 'context-full';

/** Why a text ends before the one that was decoded does; one that was interrupted might still have become another. */
const stoppedShort = (reason: StopReason): StopReason =>
  reason === 'deadline' || reason === 'cancelled' ? reason : 'low-confidence';

function monitorsOf(
  { bytes }: LoadedModel,
  { healed, oracle }: Pick<Required<Task>, 'healed'> & Task,
  { monitors, without }: CompletionRequest,
): Monitors | undefined {
  if (monitors === undefined || oracle === undefined || without.includes('monitor')) return undefined;
  return createMonitors(monitors, oracle, bytes(), healed.prefix, healed.typed);
}

function policyOf(
  model: LoadedModel,
  { drafter, healed }: Pick<Required<Task>, 'drafter' | 'healed'>,
  request: CompletionRequest,
  mode: DecodingMode,
  output: Output,
  isInterrupted: () => boolean,
): Policy {
  const lookahead = (): LookaheadOptions => ({
    ...adaptive,
    ...request.lookahead,
    splice: (request.lookahead?.splice ?? adaptive.splice) && model.decoder.independentRows,
    threshold: request.threshold ?? model.threshold,
    outlook: { preview: output.preview, goesOnAfter: output.goesOnAfter, isInterrupted },
  });
  return {
    constraint: healed.constraint,
    drafter,
    choose: mode === 'infill' ? (distribution) => infillChoice(distribution, model) : undefined,
    lookahead: mode === 'adaptive' ? lookahead() : undefined,
  };
}
