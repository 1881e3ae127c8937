import type { Connection, TextDocuments } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Log } from '../log';

/**
 * Keeps the documents as the client tells, as `TextDocuments.listen` does, and stands between: a message that the
 * library would throw at is either named in the log or, where it means an open document, goes on as a change that
 * cannot be applied, so that the document counts as unknown instead of as unchanged.
 */
export function listen(connection: Connection, documents: TextDocuments<TextDocument>, log: Log): void {
  const ignored = (what: string, why: string) => log.warn(`Ignored ${what}: ${why}.`);

  documents.listen({
    onDidOpenTextDocument: (handler) =>
      connection.onDidOpenTextDocument((params: unknown) => {
        const { uri, languageId, version, text } = identifier(params);
        if (typeof uri !== 'string' || typeof languageId !== 'string' || typeof text !== 'string') {
          return ignored('a didOpen', 'it needs uri, languageId and text');
        }
        return handler({ textDocument: { uri, languageId, version: numbered(version) ?? 0, text } });
      }),

    onDidChangeTextDocument: (handler) =>
      connection.onDidChangeTextDocument((params: unknown) => {
        const { uri, version } = identifier(params);
        if (typeof uri !== 'string') return ignored('a didChange', 'it names no document');
        if (documents.get(uri) === undefined) return ignored(`a change of ${uri}`, 'it is not open');
        const { contentChanges } = params as { contentChanges?: unknown };
        return handler({
          // Not a number where the client does not count; the library wants one.
          textDocument: { uri, version: numbered(version) ?? Number.NaN },
          contentChanges: Array.isArray(contentChanges) ? contentChanges : [unreadable],
        });
      }),

    onDidCloseTextDocument: (handler) =>
      connection.onDidCloseTextDocument((params: unknown) => {
        const { uri } = identifier(params);
        if (typeof uri !== 'string') return ignored('a didClose', 'it names no document');
        return handler({ textDocument: { uri } });
      }),

    onWillSaveTextDocument: (handler) => connection.onWillSaveTextDocument(handler),
    onWillSaveTextDocumentWaitUntil: (handler) => connection.onWillSaveTextDocumentWaitUntil(handler),
    onDidSaveTextDocument: (handler) => connection.onDidSaveTextDocument(handler),
  });
}

/** Stands for changes that nobody can read. */
const unreadable = {
  text: '',
  range: { start: { line: -1, character: -1 }, end: { line: -1, character: -1 } },
};

const numbered = (version: unknown): number | undefined =>
  typeof version === 'number' && Number.isInteger(version) ? version : undefined;

/** The `textDocument` of any message's parameters, as far as it is there. */
export function identifier(params: unknown): Readonly<Record<string, unknown>> {
  const document = (params as { textDocument?: unknown } | null | undefined)?.textDocument;
  return typeof document === 'object' && document !== null ? (document as Record<string, unknown>) : {};
}
