import { DidChangeWatchedFilesNotification, FileChangeType } from 'vscode-languageserver/node';
import type { ServerContext } from '../context';
import { watchedFiles } from '../monitors/index';
import { trustedNotification } from '../protocol';

/** The engine is ready long before; it must not wait for the analysis, which takes as much of the processor. */
const patienceMs = 20_000;

/**
 * Reads a document's project when it is opened and the engine is there, so that the first question does not have to wait for that,
 * and hears what changes on disk.
 */
export function register(context: ServerContext): void {
  const { connection, documents, engine, analyst, client, manners, onInitialized, onSettings } = context;
  documents.onDidOpen(async ({ document }) => {
    const { uri, languageId } = document;
    const isOff = context.settings.without.includes('monitor') || manners.refuseDocument(document, true);
    if (isOff || analyst.triggers(uri, languageId).length === 0) return;
    await engine.settled(patienceMs, new AbortController().signal);
    if (documents.get(uri) === undefined) return;
    await analyst.ask({ uri, languageId, kinds: [], before: document.getText(), after: '' });
  });
  documents.onDidSave(({ document: { uri, languageId } }) =>
    analyst.changed?.([{ uri, languageId, type: FileChangeType.Changed }]),
  );
  connection.onDidChangeWatchedFiles(({ changes }) => analyst.changed?.(changes));
  onInitialized.push(async () => {
    if (!client.watchesFiles) return;
    const watchers = [{ globPattern: watchedFiles }];
    await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers });
  });
  connection.onNotification(trustedNotification.method, () => {
    client.isTrusted = true;
    for (const notify of onSettings) notify();
  });
}
