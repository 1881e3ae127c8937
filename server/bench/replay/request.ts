import type { CompletionRequest } from '../../../engine/completion';
import { buildPrompt, type Prompt } from '../../../engine/prompt';
import type { LoadedModel } from '../../../engine/runtime/load';
import type { TracePosition } from '../../cli/trace';
import { caretContext } from '../../completion/caret';
import type { CompletionDocument } from '../../completion/document';
import { chooseMode } from '../../completion/mode';
import { defaultSettings } from '../../protocol';

/** One request of a trace as the server would make it, and its prompt: the same for whoever answers it. */
export interface ReplayRequest {
  readonly prompt: Prompt;
  readonly request: CompletionRequest;
  /** From the document to the prompt's tokens. */
  readonly promptMs: number;
}

/** @param contextTokens prompt and completion together */
export function replayRequest(
  model: LoadedModel,
  document: CompletionDocument,
  caret: TracePosition,
  contextTokens: number,
  previous: Prompt | undefined,
): ReplayRequest {
  const started = performance.now();
  const context = caretContext(document, caret, contextTokens);
  const { maxTokens, multiline } = defaultSettings;
  const request: CompletionRequest = {
    session: document.uri,
    prefix: context.prefix,
    suffix: context.suffix,
    context: [],
    mode: chooseMode(context, document.languageId, multiline),
    maxTokens,
    deadlineMs: Number.POSITIVE_INFINITY,
    lineDeadlineMs: Number.POSITIVE_INFINITY,
    without: [],
    decoding: 'greedy',
  };
  const { tokenizer, fim, decoder } = model;
  const promptModel = { tokenizer, fim, bos: decoder.config.bosTokenId };
  const prompt = buildPrompt(promptModel, request, contextTokens - maxTokens, previous);
  return { prompt, request, promptMs: performance.now() - started };
}
