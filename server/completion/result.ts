import type { CacheUse, MonitoredPlace } from '../../engine/index';
import type { CompletionSource, EmptyReason } from '../protocol';
import type { ContextUse, ServedCompletion } from '../retrieval/use';
import { newTokens } from './newTokens';

/** How a request ended: with text to show, or with the reason why there is none. Never with nothing. */
export type CompletionResult =
  | {
      readonly kind: 'shown';
      readonly source: CompletionSource;
      /** Goes in at the caret (after the selected suggestion, if there is one), in the document's line ending. */
      readonly text: string;
      /** Other texts for the same place, the likelier first. */
      readonly alternatives: readonly string[];
      /** What the engine answered, to this request or to the earlier one whose text goes on here. */
      readonly completion: ServedCompletion;
      /** What of the engine's text stands before the caret by now; nothing where the answer is fresh. */
      readonly typedSince?: string;
      readonly totalMs: number;
    }
  | {
      readonly kind: 'empty';
      readonly reason: EmptyReason;
      /** One sentence for people. */
      readonly message: string;
      /** What the engine answered, where it was asked. */
      readonly completion?: ServedCompletion;
      readonly totalMs: number;
    };

const supersededReasons: ReadonlySet<EmptyReason> = new Set(['cancelled', 'document-changed']);

/** Whether a request gave way to a newer one: typing does that with every key. */
export const isSuperseded = (result: CompletionResult): boolean =>
  result.kind === 'empty' && supersededReasons.has(result.reason);

/** One sentence about how a request ended, for the log and the status item. */
export function describe(result: CompletionResult): string {
  if (result.kind === 'empty') return result.message;
  const after = `Shown after ${Math.round(result.totalMs)} ms`;
  if (result.source === 'cache') return `${after}: the rest of an earlier completion.`;
  if (result.source === 'in-flight') return `${after}: the rest of a completion that was under way.`;
  const { stopReason, cache, contextTokens } = result.completion;
  const tokens = newTokens(result.completion);
  const count = tokens.length === 1 ? '1 token' : `${tokens.length} tokens`;
  const others = contextTokens === 0 ? '' : `, ${contextTokens} of other files`;
  const fallback = cache.fallback === undefined ? '' : ` ${cache.fallback}`;
  return `${after}: ${count}, ${readNow(cache)}${others}, ended by ${stopReason}.${fallback}`;
}

/** How much of the prompt had to be read for this request, the rest being known from those before. */
function readNow({ kept, shifted, encoded, missing = 0 }: CacheUse): string {
  const grouped = (value: number) => value.toLocaleString('en-US');
  return `${grouped(encoded - missing)} of ${grouped(kept + shifted + encoded)} encoded`;
}

/** The JSON form that `complete --json` and `replay` print: a contract that other tools read. */
export interface CompletionJson {
  text: string;
  alternatives: readonly string[];
  stopReason: string | null;
  emptyReason: EmptyReason | null;
  /** `instead` is what the model would have written, where monitors forbid it. */
  tokens: readonly {
    text: string;
    logprob: number;
    entropy: number;
    source: string;
    constrained: boolean;
    instead?: string;
  }[];
  /** `fallback` is there only where it says why rows could not be reused. */
  cache: CacheUse;
  forwards: number;
  drafted: number;
  accepted: number;
  rollbacks: number;
  /** Loops that decoding fell into and left again. */
  loopsLeft: number;
  /** Places where static analysis was asked, and how many names were legal or why nothing is restricted. */
  monitored: readonly MonitoredPlace[];
  /** Tokens of the prompt that were from other files. */
  contextTokens: number;
  /** What they show, and why. */
  context: readonly ContextUse[];
  timings: { promptMs: number; prefillMs: number; decodeMs: number; monitorMs: number; totalMs: number };
  device: string | null;
  model: string | null;
}

const untouchedCache = { kept: 0, shifted: 0, encoded: 0, stale: 0 };
const noTimings = { promptMs: 0, prefillMs: 0, decodeMs: 0, monitorMs: 0 };

export function toJson(result: CompletionResult): CompletionJson {
  const shown = result.kind === 'shown';
  const engine = result.completion;
  return {
    text: shown ? result.text : '',
    alternatives: shown ? result.alternatives : [],
    stopReason: engine?.stopReason ?? null,
    emptyReason: shown ? null : result.reason,
    tokens: engine === undefined ? [] : newTokens(engine),
    cache: engine?.cache ?? untouchedCache,
    forwards: engine?.forwards ?? 0,
    drafted: engine?.drafted ?? 0,
    accepted: engine?.accepted ?? 0,
    rollbacks: engine?.rollbacks ?? 0,
    loopsLeft: engine?.loopsLeft ?? 0,
    monitored: engine?.monitored ?? [],
    contextTokens: engine?.contextTokens ?? 0,
    context: engine?.context ?? [],
    timings: { ...(engine?.timings ?? noTimings), totalMs: result.totalMs },
    device: engine?.device ?? null,
    model: engine?.model ?? null,
  };
}
