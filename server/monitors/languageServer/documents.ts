import type { TextDocumentContentChangeEvent } from 'vscode-languageserver-protocol';
import { type Position, TextDocument } from 'vscode-languageserver-textdocument';
import type { Connection } from './connection';

/** Hypothetical texts of documents, as the server knows them. */
export interface Documents {
  /** Makes the server take `text` for the document's. @returns the version that it has now */
  show(uri: string, languageId: string, text: string): Promise<number>;
  /** @returns the position of an offset (UTF-16 code units) in the text last shown */
  positionAt(uri: string, offset: number): Position;
}

/** @param capacity documents that stay open in the server; those shown least recently are closed */
export function createDocuments(connection: Connection, capacity: number): Documents {
  const shown = new Map<string, TextDocument>();
  let latest = 0;
  return {
    async show(uri, languageId, text) {
      const old = shown.get(uri);
      // Never twice the same for two texts, also where the document was closed between them.
      const version = old?.getText() === text ? old.version : ++latest;
      shown.delete(uri);
      shown.set(uri, TextDocument.create(uri, languageId, version, text));
      if (old === undefined) {
        await connection.notify('textDocument/didOpen', { textDocument: { uri, languageId, version, text } });
        const [oldest] = shown.keys();
        if (shown.size <= capacity || oldest === undefined) return version;
        shown.delete(oldest);
        await connection.notify('textDocument/didClose', { textDocument: { uri: oldest } });
      } else if (old.version !== version) {
        await connection.notify('textDocument/didChange', {
          textDocument: { uri, version },
          contentChanges: [connection.takesChanges ? changedLines(old, text) : { text }],
        });
      }
      return version;
    },
    positionAt: (uri, offset) => shown.get(uri)?.positionAt(offset) ?? { line: 0, character: 0 },
  };
}

/** Whole lines, so that no line end and no surrogate pair is cut in two. */
export function changedLines(old: TextDocument, text: string): TextDocumentContentChangeEvent {
  const before = old.getText();
  const shorter = Math.min(before.length, text.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === text.charCodeAt(start)) start++;
  start = before.slice(0, start).lastIndexOf('\n') + 1;
  let common = 0;
  while (
    common < shorter - start &&
    before.charCodeAt(before.length - 1 - common) === text.charCodeAt(text.length - 1 - common)
  )
    common++;
  const line = before.indexOf('\n', before.length - common);
  const end = line < 0 ? before.length : line + 1;
  return {
    range: { start: old.positionAt(start), end: old.positionAt(end) },
    text: text.slice(start, text.length - (before.length - end)),
  };
}
