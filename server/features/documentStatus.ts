import { refuseDocument } from '../completion/guards';
import type { ServerContext } from '../context';
import { type DocumentStatus, documentStatusRequest } from '../protocol';

/** Tells whether completions are on in a document, so that a status item can say it before anybody types. */
export function register(context: ServerContext): void {
  const { connection, documents } = context;

  connection.onRequest(documentStatusRequest.method, ({ uri }: { uri: string }): DocumentStatus => {
    const document = documents.get(uri);
    if (document === undefined) return { on: false, reason: 'The document is not open in the server.' };
    const refusal = refuseDocument(document, context.settings);
    return refusal === undefined
      ? { on: true, reason: `Completions are on for ${document.languageId}.` }
      : { on: false, reason: refusal.message };
  });
}
