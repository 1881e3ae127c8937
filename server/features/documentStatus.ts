import type { ServerContext } from '../context';
import { type DocumentStatus, documentStatusRequest } from '../protocol';
import { uriOf } from '../requests';

/** Tells whether completions are on in a document, so that a status item can say it before anybody types. */
export function register(context: ServerContext): void {
  const { connection, documents, history, manners } = context;

  documents.onDidOpen(({ document }) => manners.refresh(document.uri));
  // Saving may have been what made it writable.
  documents.onDidSave(({ document }) => manners.refresh(document.uri));
  documents.onDidClose(({ document }) => manners.forget(document.uri));
  context.onReplaced.push((uri) => manners.edited(uri));

  connection.onRequest(documentStatusRequest.method, (params: unknown): DocumentStatus => {
    const uri = uriOf(params);
    const document = documents.get(uri);
    if (document === undefined) return { on: false, reason: 'The document is not open in the server.' };
    const problem = history.problem(uri);
    if (problem !== undefined) return { on: false, reason: problem };
    const refusal = manners.refuseDocument(document, true);
    if (refusal === undefined) return { on: true, reason: `Completions are on for ${document.languageId}.` };
    const onRequest = manners.refuseDocument(document, false) === undefined;
    return { on: false, reason: refusal.message, ...(onRequest && { onRequest }) };
  });
}
