import type { ServerContext } from '../context';
import { engineOptions } from '../engine/options';

/**
 * Runs the engine with the settings as they are: the first time they are known, and when they change. What a document
 * has in memory goes when it is closed.
 */
export function register(context: ServerContext): void {
  const { documents, history, engine, client, onSettings } = context;

  onSettings.push(() => {
    engine.configure(engineOptions(context.settings, client.folders[0] ?? process.cwd()));
  });

  documents.onDidClose(({ document }) => {
    history.close(document.uri);
    const access = engine.access();
    if (access.state === 'ready') access.engine.forget(document.uri);
  });
}
