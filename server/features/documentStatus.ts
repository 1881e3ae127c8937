import { refuseDocument } from '../completion/guards';
import type { ServerContext } from '../context';
import { type DocumentStatus, documentStatusRequest } from '../protocol';
import { uriOf } from '../requests';

/** Tells whether completions are on in a document, so that a status item can say it before anybody types. */
export function register(context: ServerContext): void {
  const { connection, documents, history } = context;

  connection.onRequest(documentStatusRequest.method, (params: unknown): DocumentStatus => {
    const uri = uriOf(params);
    const document = documents.get(uri);
    if (document === undefined) return { on: false, reason: 'The document is not open in the server.' };
    const problem = history.problem(uri);
    if (problem !== undefined) return { on: false, reason: problem };
    const refusal = refuseDocument(document, context.settings);
    return refusal === undefined
      ? { on: true, reason: `Completions are on for ${document.languageId}.` }
      : { on: false, reason: refusal.message };
  });
}
