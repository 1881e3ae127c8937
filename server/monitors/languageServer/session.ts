import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { CompletionItem, CompletionList, Diagnostic, Hover } from 'vscode-languageserver-protocol';
import type { ChangedFile } from '../analyst';
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
  /**
   * What the server said last about a document; waits so long for its first word, or the first behind a change on disk, and
   * is undefined without one.
   */
  diagnostics(document: HypotheticalDocument, waitMs: number): Promise<readonly Diagnostic[] | undefined>;
  /** Tells what has changed on disk. */
  changed(files: readonly ChangedFile[]): Promise<void>;
}

/** @param openDocuments how many stay open in the server; see `LanguageServer` */
export function createSession(connection: Connection, openDocuments: number): Session {
  const documents = createDocuments(connection, openDocuments);
  const diagnosed = new Map<string, { found: readonly Diagnostic[]; version: number | undefined }>();
  /** What was said of these may be out of date, as files that they include may have changed: clangd looks at the next text. */
  const stale = new Set<string>();
  /** What each document included when it was last looked at: clangd takes what a new header brings from its next diagnostics on. */
  const heads = new Map<string, string>();
  let rereads = 0;
  let told: () => void = () => undefined;
  connection.onDiagnostics((uri, diagnostics, version) => {
    // So clangd takes back what it said of a document that is closed: opened again, it is to be read again.
    if (version === undefined && diagnostics.length === 0) diagnosed.delete(keyOf(uri));
    else diagnosed.set(keyOf(uri), { found: diagnostics, version });
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
      const key = keyOf(uri);
      const head = headOf(languageId, text);
      const isStale = stale.delete(key) || (heads.get(key) ?? head) !== head;
      heads.set(key, head);
      // Of a text that it has read before, the server would say nothing again.
      const version = await documents.show(uri, languageId, isStale ? `${text}\n//${++rereads}` : text);
      const said = () => {
        const last = diagnosed.get(key);
        return isStale && (last?.version ?? version) < version ? undefined : last?.found;
      };
      const until = performance.now() + waitMs;
      while (said() === undefined && performance.now() < until)
        await nextDiagnostics(until - performance.now());
      if (isStale && said() === undefined) stale.add(key);
      return said();
    },
    async changed(files) {
      const changed = files.map(({ uri }) => keyOf(uri));
      for (const key of diagnosed.keys()) if (!changed.includes(key)) stale.add(key);
      const changes = files.map(({ uri, type }) => ({ uri, type }));
      await connection.notify('workspace/didChangeWatchedFiles', { changes });
    },
  };
}

const ofHeaders = ['c', 'cpp', 'cuda-cpp', 'objective-c', 'objective-cpp'];

/** The preprocessor's lines, which decide on what headers bring. */
const headOf = (languageId: string, text: string): string =>
  ofHeaders.includes(languageId) ? (text.match(/^[ \t]*#.*$/gm) ?? []).join('\n') : '';

const isList = (answer: unknown): answer is CompletionList =>
  typeof answer === 'object' && answer !== null && 'items' in answer;

const isItem = (item: unknown): item is CompletionItem =>
  typeof item === 'object' && item !== null && 'label' in item && typeof item.label === 'string';

/** The same for all ways in which editors and servers write a document's URI: `file:///c%3A/a.c`, `file:///C:/a.c`. */
function keyOf(uri: string): string {
  try {
    return decodeURIComponent(uri).replace(/^file:\/\/\/[A-Z]:/, (start) => start.toLowerCase());
  } catch {
    // It encodes no text.
    return uri;
  }
}
