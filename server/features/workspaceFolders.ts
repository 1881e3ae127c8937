import type { ServerContext } from '../context';
import { pathOf } from '../documents/uris';
import { filePaths } from './lifecycle';

/** Keeps the list of folders: relative paths in the settings start from the first one. */
export function register({ connection, client, onInitialized, onSettings }: ServerContext): void {
  onInitialized.push(() => {
    if (!client.changesFolders) return;
    connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
      const gone = removed.map(({ uri }) => uri);
      const come = added.map(({ uri }) => uri);
      client.folders = changed(client.folders, filePaths(gone), filePaths(come));
      client.roots = changed(client.roots, gone.map(pathOf), come.map(pathOf));
      for (const apply of onSettings) apply();
    });
  });
}

const changed = (paths: readonly string[], gone: readonly string[], come: readonly string[]) => [
  ...paths.filter((path) => !gone.includes(path)),
  ...come,
];
