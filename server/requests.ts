import {
  type CancellationToken,
  ErrorCodes,
  type InlineCompletionParams,
  InlineCompletionTriggerKind,
  ResponseError,
  type SelectedCompletionInfo,
} from 'vscode-languageserver/node';
import { identifier } from './documents/sync';

/** @throws ResponseError that says in one sentence what the request lacks */
export function uriOf(params: unknown): string {
  const { uri } = (params ?? {}) as { uri?: unknown };
  if (typeof uri !== 'string') throw invalid('its parameters need a uri');
  return uri;
}

/**
 * What a completion cannot do without: the document and a position, whose numbers are judged with the document.
 * @throws ResponseError that says in one sentence what the request lacks
 */
export function completionParams(params: InlineCompletionParams): InlineCompletionParams {
  if (typeof identifier(params).uri !== 'string') throw invalid('textDocument needs a uri');
  const { position, context } = params as { position?: unknown; context?: unknown };
  if (typeof position !== 'object' || position === null) throw invalid('it needs a position');
  if (!isSelectionFit(context)) throw invalid('selectedCompletionInfo needs a range and a text');
  return params;
}

function isSelectionFit(context: unknown): boolean {
  const selected = (context as { selectedCompletionInfo?: unknown } | null | undefined)
    ?.selectedCompletionInfo;
  if (selected === undefined || selected === null) return true;
  const { range, text } = selected as { range?: { start?: unknown; end?: unknown }; text?: unknown };
  return typeof text === 'string' && isPlace(range?.start) && isPlace(range?.end);
}

function isPlace(value: unknown): boolean {
  const { line, character } = (value ?? {}) as { line?: unknown; character?: unknown };
  return [line, character].every((index) => Number.isInteger(index) && Number(index) >= 0);
}

const invalid = (why: string) =>
  new ResponseError(ErrorCodes.InvalidParams, `The request cannot be answered, because ${why}.`);

/** By typing; otherwise somebody asked. Some clients leave the context out. */
export function isAutomatic({ context }: Partial<InlineCompletionParams>): boolean {
  return context?.triggerKind === InlineCompletionTriggerKind.Automatic;
}

/** Some clients leave the context out, although LSP asks for it, or write null. */
export function selectedOf({ context }: Partial<InlineCompletionParams>): SelectedCompletionInfo | undefined {
  return context?.selectedCompletionInfo ?? undefined;
}

/** Aborts when the client cancels, and for whoever else has a reason. */
export function abortable(token: CancellationToken): AbortController {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  token.onCancellationRequested(() => controller.abort());
  return controller;
}
