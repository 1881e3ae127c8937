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
  /** What the server said last about a document; waits for its first word. */
  diagnostics(document: HypotheticalDocument): Promise<readonly Diagnostic[]>;
}

export function createSession(connection: Connection): Session {
  const documents = createDocuments(connection);
  const diagnosed = new Map<string, readonly Diagnostic[]>();
  const listeners = new Set<() => void>();
  connection.onDiagnostics((uri, diagnostics) => {
    diagnosed.set(uri, diagnostics);
    for (const listener of listeners) listener();
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
    async diagnostics({ uri, languageId, text }) {
      await documents.show(uri, languageId, text);
      for (;;) {
        const found = diagnosed.get(uri);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          const listener = () => {
            listeners.delete(listener);
            resolve();
          };
          listeners.add(listener);
        });
      }
    },
  };
}

const isList = (answer: unknown): answer is CompletionList =>
  typeof answer === 'object' && answer !== null && 'items' in answer;

const isItem = (item: unknown): item is CompletionItem =>
  typeof item === 'object' && item !== null && 'label' in item && typeof item.label === 'string';
