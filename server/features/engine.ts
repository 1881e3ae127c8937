import type { ServerContext } from '../context';
import { engineOptions } from '../engine/options';
import { runtimeDirectory } from '../paths';

/**
 * Runs the engine with the settings as they are: the first time they are known, and when they change. What a document
 * has in memory goes when it is closed.
 */
export function register(context: ServerContext): void {
  const { documents, history, engine, client, onSettings } = context;

  onSettings.push(() => {
    const { settings } = context;
    const own = engineOptions(settings, client.folders[0] ?? process.cwd());
    const options = settings.without.includes('sharing') ? own : { ...own, sharedIn: runtimeDirectory() };
    engine.configure(options, settings.unloadMinutes * 60_000);
  });

  documents.onDidClose(({ document }) => {
    history.close(document.uri);
    const access = engine.access();
    if (access.state === 'ready') access.engine.forget(document.uri);
  });
}
