import { fileURLToPath } from 'node:url';
import {
  type InitializeParams,
  type InitializeResult,
  TextDocumentSyncKind,
} from 'vscode-languageserver/node';
import { version } from '../../package.json';
import type { Client, ServerContext } from '../context';
import { notebookDocumentSync } from '../documents/notebooks';
import { pathOf } from '../documents/uris';
import { acceptedCommandId, type InitializationOptions, languageServerName } from '../protocol';

/** VS Code gives up after 750 ms; the rest is for the way there and back. */
const defaultDeadlineMs = 600;

export function unknownClient(): Client {
  return {
    notifications: false,
    deadlineMs: defaultDeadlineMs,
    pullsConfiguration: false,
    registersConfiguration: false,
    initialSettings: undefined,
    folders: [],
    roots: [],
    changesFolders: false,
    watchesFiles: false,
    isTrusted: true,
  };
}

/**
 * The handshake and the end. Watching the parent process, and leaving when its pipe closes, is done by
 * the connection itself.
 */
export function register({ connection, client, engine, analyst, log, onInitialized }: ServerContext): void {
  const dispose = () => Promise.all([engine.dispose(), analyst.dispose()]);
  connection.onInitialize((params): InitializeResult => {
    Object.assign(client, describeClient(params));
    return {
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        notebookDocumentSync,
        inlineCompletionProvider: true,
        executeCommandProvider: { commands: [acceptedCommandId] },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
      serverInfo: { name: languageServerName, version },
    };
  });

  connection.onInitialized(async () => {
    for (const start of onInitialized) await start();
  });

  connection.onShutdown(async () => {
    await dispose();
  });

  // Without the editor there is nobody to serve, and nobody to tell.
  process.on('disconnect', () => void dispose().finally(() => process.exit(1)));
  // One failed message must not take the editor's completions away.
  process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
    if (error.code !== undefined && goneCodes.has(error.code)) process.exit(1);
    log.error(`Unexpected error: ${error.stack ?? error.message}`);
  });
  process.on('unhandledRejection', (reason) => log.error(`Unexpected error: ${String(reason)}`));
}

/** What writing to a client that is no longer there ends with. */
const goneCodes = new Set(['EPIPE', 'ECONNRESET', 'ERR_IPC_CHANNEL_CLOSED', 'ERR_STREAM_DESTROYED']);

function describeClient({ capabilities, initializationOptions, ...params }: InitializeParams): Client {
  const own = (initializationOptions as InitializationOptions | undefined | null)?.slipstream;
  const folders = params.workspaceFolders?.map(({ uri }) => uri) ?? (params.rootUri ? [params.rootUri] : []);
  return {
    notifications: own?.notifications === true,
    deadlineMs: own?.deadlineMs && own.deadlineMs > 0 ? own.deadlineMs : defaultDeadlineMs,
    pullsConfiguration: capabilities.workspace?.configuration === true,
    registersConfiguration: capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true,
    initialSettings: own?.settings,
    folders: filePaths(folders),
    roots: folders.map(pathOf),
    changesFolders: capabilities.workspace?.workspaceFolders === true,
    watchesFiles: capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    isTrusted: own?.isTrusted !== false,
  };
}

/** Folders that are not on this machine's file system have no path. */
export function filePaths(uris: readonly string[]): string[] {
  return uris.flatMap((uri) => {
    try {
      return [fileURLToPath(uri)];
    } catch {
      return [];
    }
  });
}
