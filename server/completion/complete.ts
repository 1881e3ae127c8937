import type {
  Completion,
  CompletionRequest,
  ContextSnippet,
  CopySource,
  MonitorOptions,
  Technique,
} from '../../engine/index';
import type { EngineAccess } from '../engine/access';
import { messageOf } from '../engine/host';
import type { Analyst } from '../monitors/analyst';
import { watch } from '../monitors/watch';
import type { EmptyReason, Settings } from '../protocol';
import { type CaretContext, caretContext, type SelectedSuggestion } from './caret';
import { heldBack, leastConfidence } from './confidence';
import type { CompletionDocument } from './document';
import { type Position, refuseDocument, refusePosition } from './guards';
import { chooseMode } from './mode';
import { postprocess } from './postprocess/index';
import type { CompletionResult } from './result';

export interface CompletionDependencies {
  readonly engine: EngineAccess;
  readonly settings: Settings;
  /** Watches over what is written; nobody where left out. */
  readonly analyst?: Analyst;
}

export interface CompleteOptions {
  /** After this many milliseconds what is there is answered. */
  readonly deadlineMs: number;
  /** After this many milliseconds a block ends with the line it is in; without it, with the block. */
  readonly lineDeadlineMs?: number;
  readonly selected?: SelectedSuggestion | undefined;
  /** Somebody asked: all is shown however unsure, and alternatives are worked out. */
  readonly isExplicit?: boolean;
  /** Overrules the choice by context. */
  readonly mode?: CompletionRequest['mode'];
  /** What other files say that the prompt is to show, most stable first. */
  readonly context?: readonly ContextSnippet[];
  /** Texts that are not in the prompt and may be copied from, the most likely first. */
  readonly copySources?: readonly CopySource[];
  /** What else is asked of the monitors than what an editor does. */
  readonly monitors?: Partial<MonitorOptions>;
  /** The KV cache to continue; the document's own if left out. */
  readonly session?: string;
}

/**
 * Completes at a place of a document: the one path that the server, the CLI and the benchmarks share.
 * Whatever happens ends in a result with its reason; it does not throw.
 */
export async function completeAt(
  { engine, settings, analyst }: CompletionDependencies,
  document: CompletionDocument,
  position: Position,
  options: CompleteOptions,
  signal: AbortSignal,
): Promise<CompletionResult> {
  const started = performance.now();
  const empty = (reason: EmptyReason, message: string, completion?: Completion): CompletionResult => ({
    kind: 'empty',
    reason,
    message,
    ...(completion === undefined ? {} : { completion }),
    totalMs: performance.now() - started,
  });

  const refusal = refuseDocument(document, settings) ?? refusePosition(document, position);
  if (refusal !== undefined) return empty(refusal.reason, refusal.message);
  if (signal.aborted) return empty('cancelled', superseded);
  if (engine.state === 'starting') return empty('engine-starting', 'The engine is still starting.');
  if (engine.state === 'failed') return empty('engine-failed', engine.message);

  const { version } = document;
  const caret = caretContext(document, position, settings.contextTokens, options.selected);
  const mode = options.mode ?? chooseMode(caret, document.languageId, settings.multiline);
  const request = toRequest(caret, mode, options, settings, document.uri);
  let completion: Completion;
  try {
    const isWatched = analyst !== undefined && !settings.without.includes('monitor');
    const watched = isWatched
      ? watch(analyst, document, position, options.selected, options.deadlineMs)
      : undefined;
    const least = options.isExplicit || settings.eagerness === 'eager' ? 0 : leastKept;
    const monitors = watched && { leastKept: least, ...watched.monitors, ...options.monitors };
    completion = await engine.engine.complete(
      { ...request, ...(monitors && { monitors }) },
      signal,
      watched?.oracle,
    );
  } catch (error) {
    return signal.aborted ? empty('cancelled', superseded) : empty('engine-failed', messageOf(error));
  }
  // A change usually cancels the request too; it says more than that.
  if (document.version !== version) {
    return empty('document-changed', 'The document changed before the completion was there.', completion);
  }
  if (signal.aborted || completion.stopReason === 'cancelled') {
    return empty('cancelled', superseded, completion);
  }
  if (completion.text.trim() === '' && completion.stopReason === 'low-confidence') {
    return empty('low-confidence', heldBack(settings.eagerness), completion);
  }
  if (completion.stopReason === 'forced-off') {
    return empty('forced-off', 'What the types allow here is not what the model would write.', completion);
  }
  if (completion.text === '') {
    return completion.stopReason === 'deadline'
      ? empty('deadline', `Nothing was ready within ${options.deadlineMs} ms.`, completion)
      : empty('nothing-generated', 'The model had nothing to add here.', completion);
  }

  const text = postprocess(completion.text, { ...caret, mode });
  if (text === '') {
    const message = 'What the model wrote is blank or stands behind the caret already.';
    return empty('nothing-after-filters', message, completion);
  }
  const alternatives = completion.alternatives
    .map((alternative) => postprocess(alternative, { ...caret, mode }))
    .filter((alternative, i, all) => !['', text, ...all.slice(0, i)].includes(alternative));
  return { kind: 'shown', text, alternatives, completion, totalMs: performance.now() - started };
}

/**
 * With less than this share of the probability left a completion is one that the model would hardly write. At 400 dereferences of
 * source that no benchmark measures the next identifier was right at 42 % of the 344 above it and at 20 % of the 56 below
 * it; between 0.3 and this there is no lesser value at which it falls.
 */
const leastKept = 1e-6;

const superseded = 'The request was cancelled, because it was no longer needed.';

function toRequest(
  { prefix, suffix }: CaretContext,
  mode: CompletionRequest['mode'],
  options: CompleteOptions,
  settings: Settings,
  uri: string,
): CompletionRequest {
  return {
    session: options.session ?? uri,
    prefix,
    suffix,
    context: options.context ?? [],
    mode,
    maxTokens: settings.maxTokens,
    deadlineMs: options.deadlineMs,
    lineDeadlineMs: options.lineDeadlineMs ?? Number.POSITIVE_INFINITY,
    without: settings.without as Technique[],
    reuse: settings.cacheReuse,
    copyRule: settings.copyRule,
    decoding: settings.decoding,
    copySources: options.copySources ?? [],
    leastConfidence: options.isExplicit ? 0 : leastConfidence[settings.eagerness],
    finishAlternatives: options.isExplicit ?? false,
  };
}
