import {
  type CompletionMode,
  type CompletionRequest,
  type ContextSnippet,
  type CopySource,
  keystrokes,
  type MonitorOptions,
  type Technique,
} from '../../engine/index';
import type { EngineAccess } from '../engine/access';
import { messageOf } from '../engine/messages';
import type { Analyst } from '../monitors/analyst';
import { watch } from '../monitors/watch';
import type { EmptyReason, Settings } from '../protocol';
import type { CellsAbove } from '../retrieval/notebook';
import { type ServedCompletion, withContext } from '../retrieval/use';
import { type CaretContext, caretContext, type SelectedSuggestion } from './caret';
import { heldBack, leastConfidence } from './confidence';
import type { CompletionDocument } from './document';
import { type Position, type Refusal, refuseDocument, refusePosition } from './guards';
import { chooseMode } from './mode';
import { postprocess } from './postprocess/index';
import { filterSteps } from './postprocess/steps';
import type { CompletionResult } from './result';
import type { Syntax, SyntaxView } from './syntax/index';

export interface CompletionDependencies {
  readonly engine: EngineAccess;
  readonly settings: Settings;
  /** Watches over what is written; nobody where left out. */
  readonly analyst?: Analyst;
  /** Trees of the text around carets; indentation tells where left out. */
  readonly syntax?: Syntax;
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
  /** Goes before the document's own text: the cells above in a notebook. */
  readonly above?: CellsAbove | undefined;
  /** Texts that are not in the prompt and may be copied from, the most likely first. */
  readonly copySources?: readonly CopySource[];
  /** What else is asked of the monitors than what an editor does. */
  readonly monitors?: Partial<MonitorOptions>;
  /** The KV cache to continue; the document's own if left out. */
  readonly session?: string;
}

/** Where a completion goes: what the model sees of it, and whether a line or a block is wanted. */
export interface Place {
  readonly caret: CaretContext;
  readonly mode: CompletionMode;
  readonly languageId: string;
  readonly syntax?: SyntaxView | undefined;
}

/** The place of a request, or why nothing is completed there. Asks nobody. */
export function placeOf(
  document: CompletionDocument,
  position: Position,
  settings: Settings,
  { selected, mode }: Pick<CompleteOptions, 'selected' | 'mode'>,
  syntax?: Syntax,
): Place | Refusal {
  const { languageId } = document;
  const refusal = refuseDocument(document, settings) ?? refusePosition(document, position);
  if (refusal !== undefined) return refusal;
  const caret = caretContext(document, position, settings.contextTokens, selected);
  const view = syntax?.at(document.uri, languageId, caret);
  let chosen = mode;
  return {
    caret,
    // The tree is looked at only where something is generated: what is known already needs none.
    get mode() {
      chosen ??= chooseMode(caret, languageId, settings.multiline, view);
      return chosen;
    },
    languageId,
    syntax: view,
  };
}

/**
 * Completes at a place of a document: the one path that the server, the CLI and the benchmarks share.
 * Whatever happens ends in a result with its reason; it does not throw.
 */
export async function completeAt(
  dependencies: CompletionDependencies,
  document: CompletionDocument,
  position: Position,
  options: CompleteOptions,
  signal: AbortSignal,
): Promise<CompletionResult> {
  const place = placeOf(document, position, dependencies.settings, options, dependencies.syntax);
  if ('reason' in place) return emptyResult(place);
  const { version } = document;
  const result = await generateAt(dependencies, document, position, place, options, signal);
  // A change usually cancels the request too; it says more than that.
  return document.version === version || isFailure(result) ? result : outdated(result);
}

const isFailure = (result: CompletionResult) => result.kind === 'empty' && result.reason === 'engine-failed';

/** What a result is worth when the document has changed in the meantime. */
export function outdated({ completion, totalMs }: CompletionResult): CompletionResult {
  const message = 'The document changed before the completion was there.';
  return { kind: 'empty', reason: 'document-changed', message, ...(completion && { completion }), totalMs };
}

export const superseded: Refusal = {
  reason: 'cancelled',
  message: 'The request was cancelled, because it was no longer needed.',
};

export function emptyResult({ reason, message }: Refusal, totalMs = 0): CompletionResult {
  return { kind: 'empty', reason, message, totalMs };
}

/**
 * Lets the engine complete a document as it is now. What becomes of the document afterwards is the caller's affair.
 * @param written told what the engine has written, after each of its passes
 */
export async function generateAt(
  { engine, settings, analyst }: CompletionDependencies,
  document: CompletionDocument,
  position: Position,
  { caret, mode, languageId, syntax }: Place,
  options: CompleteOptions,
  signal: AbortSignal,
  written?: (text: string) => void,
): Promise<CompletionResult> {
  const started = performance.now();
  const empty = (reason: EmptyReason, message: string, completion?: ServedCompletion): CompletionResult => ({
    kind: 'empty',
    reason,
    message,
    ...(completion === undefined ? {} : { completion }),
    totalMs: performance.now() - started,
  });
  if (signal.aborted) return emptyResult(superseded);
  if (engine.state === 'starting') return empty('engine-starting', 'The engine is still starting.');
  if (engine.state === 'failed') return empty('engine-failed', engine.message);

  /** Whether all of it is wanted, however unsure it is. */
  const isAsked = options.isExplicit || settings.eagerness === 'eager';
  const request = toRequest(caret, mode, options, settings, document.uri);
  let completion: ServedCompletion;
  try {
    const isWatched = analyst !== undefined && !settings.without.includes('monitor');
    const watched = isWatched
      ? watch(analyst, document, position, options.selected, options.deadlineMs)
      : undefined;
    const least = isAsked ? 0 : leastKept;
    const monitors = watched && { leastKept: least, ...watched.monitors, ...options.monitors };
    const answer = await engine.engine.complete(
      { ...request, ...(monitors && { monitors }) },
      signal,
      watched?.oracle,
      written,
    );
    completion = withContext(answer, options.context ?? [], options.above);
  } catch (error) {
    return signal.aborted ? empty('cancelled', superseded.message) : empty('engine-failed', messageOf(error));
  }
  if (signal.aborted || completion.stopReason === 'cancelled') {
    return empty('cancelled', superseded.message, completion);
  }
  if (completion.text.trim() === '' && completion.stopReason === 'low-confidence') {
    return empty('low-confidence', heldBack(settings.eagerness), completion);
  }
  if (completion.stopReason === 'forced-off') {
    return empty('forced-off', 'What the types allow here is not what the model would write.', completion);
  }
  if (completion.text === '') {
    return completion.stopReason === 'deadline'
      ? empty('deadline', `Nothing was ready within ${Math.round(options.deadlineMs)} ms.`, completion)
      : empty('nothing-generated', 'The model had nothing to add here.', completion);
  }

  const filtered = { ...caret, mode, languageId, syntax };
  const steps = filterSteps(completion.text, { ...filtered, stopReason: completion.stopReason });
  const text = steps.at(-1)?.text ?? completion.text;
  if (steps.length > 0) completion = { ...completion, filtered: steps };
  if (text === '') {
    const message = 'What the model wrote is blank or stands behind the caret already.';
    return empty('nothing-after-filters', message, completion);
  }
  if (!isAsked && keystrokes(text) < 2) {
    return empty('saves-nothing', `To take ${JSON.stringify(text)} is a key, as to type it is.`, completion);
  }
  const alternatives = completion.alternatives
    .map((alternative) => postprocess(alternative, filtered))
    .filter((alternative, i, all) => !['', text, ...all.slice(0, i)].includes(alternative));
  const totalMs = performance.now() - started;
  return { kind: 'shown', source: 'fresh', text, alternatives, completion, totalMs };
}

/** Lets the engine read, while nobody asks it anything, what a request at a place would show it. */
export function prepareAt(
  { engine, settings }: CompletionDependencies,
  uri: string,
  { caret, mode }: Place,
  options: Pick<CompleteOptions, 'context' | 'above'>,
): void {
  if (engine.state !== 'ready') return;
  engine.engine.prepare(toRequest(caret, mode, { ...options, deadlineMs: 0 }, settings, uri));
}

/**
 * With less than this share of the probability left a completion is one that the model would hardly write. At 400 dereferences of
 * source that no benchmark measures the next identifier was right at 42 % of the 344 above it and at 20 % of the 56 below
 * it; between 0.3 and this there is no lesser value at which it falls.
 */
const leastKept = 1e-6;

function toRequest(
  { prefix, suffix }: CaretContext,
  mode: CompletionRequest['mode'],
  options: CompleteOptions,
  settings: Settings,
  uri: string,
): CompletionRequest {
  return {
    session: options.session ?? uri,
    prefix: (options.above?.text ?? '') + prefix,
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
