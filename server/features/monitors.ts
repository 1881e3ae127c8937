import { refuseDocument } from '../completion/guards';
import type { ServerContext } from '../context';
import { trustedNotification } from '../protocol';

/** Reads a document's project when it is opened, so that the first question does not have to wait for that. */
export function register(context: ServerContext): void {
  const { connection, documents, analyst, client } = context;
  documents.onDidOpen(({ document }) => {
    const { uri, languageId } = document;
    const isOff = context.settings.without.includes('monitor') || refuseDocument(document, context.settings);
    if (isOff || analyst.triggers(uri, languageId).length === 0) return;
    void analyst.ask({ uri, languageId, kinds: [], before: document.getText(), after: '' });
  });
  connection.onNotification(trustedNotification.method, () => {
    client.isTrusted = true;
  });
}
