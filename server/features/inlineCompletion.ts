import {
  type InlineCompletionItem,
  type InlineCompletionList,
  type InlineCompletionParams,
  InlineCompletionTriggerKind,
  type Range,
  type SelectedCompletionInfo,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { completeOpen } from '../completion/completeOpen';
import { type CompletionResult, describe } from '../completion/result';
import type { ServerContext } from '../context';
import { createSignatures, signatureTokens } from '../monitors/signatures';
import { type EmptyReason, outcomeNotification } from '../protocol';
import { abortable, completionParams } from '../requests';

/**
 * Who will not ask again may wait: a client that does not hear when the engine is ready, and somebody who asked, since VS Code
 * takes an empty answer for the last word until the text or the caret changes.
 */
const patienceMs = 20_000;

/** Somebody who types does not wait for a whole block: from here on it ends with its next line. */
const lineDeadlineMs = 150;

const isLate = (result: CompletionResult) => result.kind === 'empty' && result.reason === 'deadline';

const supersededReasons: ReadonlySet<EmptyReason> = new Set(['cancelled', 'document-changed']);

/** Answers `textDocument/inlineCompletion`. */
export function register(context: ServerContext): void {
  const { connection, documents, history, engine, analyst, client, log } = context;
  /** The request that runs for each document: a newer one makes it useless. */
  const running = new Map<string, AbortController>();
  const signatures = createSignatures(analyst);

  connection.languages.inlineCompletion.on(async (raw, token): Promise<InlineCompletionList> => {
    const params = completionParams(raw);
    const { uri } = params.textDocument;
    const controller = abortable(token);
    running.get(uri)?.abort();
    running.set(uri, controller);
    try {
      const document = documents.get(uri);
      const result = await complete(document, params, controller.signal);
      report(uri, result);
      return { items: document === undefined ? [] : itemsOf(result, document, params) };
    } finally {
      if (running.get(uri) === controller) running.delete(uri);
    }
  });

  documents.onDidChangeContent(({ document }) => running.get(document.uri)?.abort());
  documents.onDidClose(({ document: { uri } }) => {
    running.get(uri)?.abort();
    signatures.forget(uri);
  });

  async function complete(
    document: TextDocument | undefined,
    params: InlineCompletionParams,
    signal: AbortSignal,
  ): Promise<CompletionResult> {
    if (document === undefined) {
      const message = 'The document is not open in the server.';
      return { kind: 'empty', reason: 'document-not-open', message, totalMs: 0 };
    }
    const isAutomatic =
      (params as Partial<InlineCompletionParams>).context?.triggerKind ===
      InlineCompletionTriggerKind.Automatic;
    const waits = !isAutomatic || !client.notifications;
    const asked = performance.now();
    const waitedMs = () => performance.now() - asked;
    const access = await engine.settled(waits ? patienceMs : client.deadlineMs, signal);
    const dependencies = { engine: access, settings: context.settings, analyst };
    const contextTokens = access.state === 'ready' ? access.engine.info.contextTokens : 0;
    const shown = signatureTokens(context.settings, contextTokens);
    const options = {
      // Who may wait for the engine to start waits for the answer as well; an editor has one time for both.
      deadlineMs: waits ? client.deadlineMs : Math.max(0, client.deadlineMs - waitedMs()),
      ...(isAutomatic ? { lineDeadlineMs } : { isExplicit: true }),
      selected: selectedOf(params),
      context: shown > 0 ? signatures.of(document.uri) : [],
    };
    const ask = () => completeOpen(dependencies, history, document, params.position, options, signal);
    let result = await ask();
    // Each goes on where the deadline has stopped the one before.
    while (!isAutomatic && isLate(result) && waitedMs() < patienceMs) result = await ask();
    if (!signal.aborted && shown > 0) void signatures.look(document, params.position, shown);
    return result;
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
      ...(result.kind === 'empty' ? { emptyReason: result.reason } : {}),
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

/** Some clients leave the context out, although LSP asks for it, or write null. */
function selectedOf({ context }: Partial<InlineCompletionParams>): SelectedCompletionInfo | undefined {
  return context?.selectedCompletionInfo ?? undefined;
}
