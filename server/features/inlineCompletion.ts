import type {
  InlineCompletionItem,
  InlineCompletionList,
  InlineCompletionParams,
  Range,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { FinishedRequest } from '../completion/finished';
import { type CompletionResult, describe } from '../completion/result';
import type { ServerContext } from '../context';
import { acceptedCommand, type EmptyReason, outcomeNotification } from '../protocol';
import { abortable, completionParams, isAutomatic, selectedOf } from '../requests';
import { createCompleting } from './completing';

const notOpen: CompletionResult = {
  kind: 'empty',
  reason: 'document-not-open',
  message: 'The document is not open in the server.',
  totalMs: 0,
};

const supersededReasons: ReadonlySet<EmptyReason> = new Set(['cancelled', 'document-changed']);

/** Answers `textDocument/inlineCompletion`. */
export function register(context: ServerContext): void {
  const { connection, documents, engine, client, log } = context;
  const completing = createCompleting(context);
  /** The request that waits in each document: a newer one, and a change, make its answer useless. */
  const waiting = new Map<string, AbortController>();
  let requests = 0;

  connection.languages.inlineCompletion.on(async (raw, token): Promise<InlineCompletionList> => {
    const params = completionParams(raw);
    const { uri } = params.textDocument;
    const controller = abortable(token);
    waiting.get(uri)?.abort();
    waiting.set(uri, controller);
    try {
      const document = documents.get(uri);
      const asked = { number: ++requests, at: Date.now(), version: document?.version ?? 0 };
      const result =
        document === undefined ? notOpen : await completing.complete(document, params, controller.signal);
      report(uri, result);
      finished(document, params, { ...asked, result });
      const items = document === undefined ? [] : itemsOf(result, document, params);
      // Other clients need not know our commands.
      if (!client.notifications) return { items };
      const command = acceptedCommand(uri, asked.number);
      return { items: items.map((item) => ({ ...item, command })) };
    } finally {
      if (waiting.get(uri) === controller) waiting.delete(uri);
    }
  });

  documents.onDidChangeContent(({ document }) => {
    waiting.get(document.uri)?.abort();
    completing.changed(document);
  });
  documents.onDidClose(({ document: { uri } }) => {
    waiting.get(uri)?.abort();
    completing.close(uri);
  });

  function finished(
    document: TextDocument | undefined,
    params: InlineCompletionParams,
    request: Pick<FinishedRequest, 'number' | 'at' | 'version' | 'result'>,
  ): void {
    const access = engine.access();
    const told: FinishedRequest = {
      ...request,
      uri: params.textDocument.uri,
      languageId: document?.languageId ?? '',
      position: params.position,
      selected: selectedOf(params),
      isAutomatic: isAutomatic(params),
      threshold: access.state === 'ready' ? access.engine.info.threshold : undefined,
    };
    for (const tell of context.onFinished) tell(told);
  }

  function report(uri: string, result: CompletionResult): void {
    const reason = describe(result);
    // Typing supersedes a request with every key: that is no news.
    const isSuperseded = result.kind === 'empty' && supersededReasons.has(result.reason);
    log[isSuperseded ? 'debug' : 'info'](`${uri}: ${reason}`);
    context.notify(outcomeNotification, {
      uri,
      kind: result.kind,
      reason,
      ...(result.kind === 'empty' ? { emptyReason: result.reason } : { source: result.source }),
      totalMs: result.totalMs,
    });
  }
}

/**
 * Editors show ghost text together with their suggestion list only if it replaces the same range as
 * the selected suggestion and begins with its text. It is filtered by what stands in that range now,
 * which a fuzzy match need not begin with.
 */
function itemsOf(
  result: CompletionResult,
  document: TextDocument,
  params: InlineCompletionParams,
): InlineCompletionItem[] {
  if (result.kind === 'empty') return [];
  const { position } = params;
  const selected = selectedOf(params);
  const texts = [result.text, ...result.alternatives];
  if (selected === undefined) {
    return texts.map((insertText) => ({ insertText, range: { start: position, end: position } }));
  }
  const range: Range = selected.range;
  return texts.map((text) => ({
    insertText: selected.text + text,
    range,
    filterText: document.getText(range) + text,
  }));
}
