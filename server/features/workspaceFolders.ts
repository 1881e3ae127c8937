import type { ServerContext } from '../context';
import { filePaths } from './lifecycle';

/** Keeps the list of folders: relative paths in the settings start from the first one. */
export function register({ connection, client, onInitialized, onSettings }: ServerContext): void {
  onInitialized.push(() => {
    if (!client.changesFolders) return;
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      const gone = new Set(filePaths(removed.map(({ uri }) => uri)));
      const kept = client.folders.filter((folder) => !gone.has(folder));
      client.folders = [...kept, ...filePaths(added.map(({ uri }) => uri))];
      for (const apply of onSettings) apply();
    });
  });
}
