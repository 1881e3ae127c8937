import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { CompletionItem, CompletionList, Diagnostic, Hover } from 'vscode-languageserver-protocol';
import type { Connection } from './connection';
import { createDocuments } from './documents';

/** A document in a running server, with hypothetical text. */
export interface HypotheticalDocument {
  readonly uri: string;
  readonly languageId: string;
  readonly text: string;
}

/** What is asked of a running server. All reject when it ends or answers with an error. */
export interface Session {
  complete(
    document: HypotheticalDocument,
    offset: number,
    token: CancellationToken,
  ): Promise<{ readonly items: readonly CompletionItem[]; readonly isIncomplete: boolean }>;
  /** The plain text that is shown where the mouse rests on an offset; empty where there is none. */
  hover(document: HypotheticalDocument, offset: number, token: CancellationToken): Promise<string>;
  /** What the server said last about a document; waits so long for its first word, and is undefined without one. */
  diagnostics(document: HypotheticalDocument, waitMs: number): Promise<readonly Diagnostic[] | undefined>;
}

/** @param openDocuments how many stay open in the server; see `LanguageServer` */
export function createSession(connection: Connection, openDocuments: number): Session {
  const documents = createDocuments(connection, openDocuments);
  const diagnosed = new Map<string, readonly Diagnostic[]>();
  let told: () => void = () => undefined;
  connection.onDiagnostics((uri, diagnostics, version) => {
    // So clangd takes back what it said of a document that is closed: opened again, it is to be read again.
    if (version === undefined && diagnostics.length === 0) diagnosed.delete(uri);
    else diagnosed.set(uri, diagnostics);
    told();
  });
  const nextDiagnostics = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      told = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const at = (uri: string, offset: number) => ({
    textDocument: { uri },
    position: documents.positionAt(uri, offset),
  });
  return {
    async complete({ uri, languageId, text }, offset, token) {
      await documents.show(uri, languageId, text);
      const answer = await connection.request<unknown>('textDocument/completion', at(uri, offset), token);
      const list = isList(answer) ? answer : { isIncomplete: false, items: answer ?? [] };
      if (!Array.isArray(list.items))
        throw new Error('The language server answered with no list of completions.');
      return { items: list.items.filter(isItem), isIncomplete: list.isIncomplete };
    },
    async hover({ uri, languageId, text }, offset, token) {
      await documents.show(uri, languageId, text);
      const answer = await connection.request<Hover | null>('textDocument/hover', at(uri, offset), token);
      const contents = answer?.contents;
      return typeof contents === 'object' && 'value' in contents ? contents.value : '';
    },
    async diagnostics({ uri, languageId, text }, waitMs) {
      await documents.show(uri, languageId, text);
      const until = performance.now() + waitMs;
      while (!diagnosed.has(uri) && performance.now() < until)
        await nextDiagnostics(until - performance.now());
      return diagnosed.get(uri);
    },
  };
}

const isList = (answer: unknown): answer is CompletionList =>
  typeof answer === 'object' && answer !== null && 'items' in answer;

const isItem = (item: unknown): item is CompletionItem =>
  typeof item === 'object' && item !== null && 'label' in item && typeof item.label === 'string';
