import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';

export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A language client that knows nothing of Slipstream, and the server process that it talks to. */
export interface LspClient {
  readonly pid: number;
  open(uri: string, languageId: string, text: string): Promise<void>;
  /** Inserts text at a place of an open document. */
  insert(uri: string, version: number, position: Position, text: string): Promise<void>;
  /** Texts of the inline completions there. */
  complete(uri: string, position: Position): Promise<string[]>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** The folder that holds dist/. */
  readonly root: string;
  readonly cacheDirectory: string;
  /** Empty for the shipped one. */
  readonly model: string;
}

/** Starts `dist/server.js --stdio` and does the handshake. */
export async function startLspClient({ root, cacheDirectory, model }: ServerOptions): Promise<LspClient> {
  const child = spawn(process.execPath, [join(root, 'dist', 'server.js'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, SLIPSTREAM_CACHE_DIR: cacheDirectory },
  });
  await once(child, 'spawn');
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: { textDocument: { inlineCompletion: {} } },
    initializationOptions: { slipstream: { settings: { model } } },
  });
  await connection.sendNotification('initialized', {});
  return {
    pid: child.pid ?? 0,
    open: (uri, languageId, text) =>
      connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri, languageId, version: 1, text },
      }),
    insert: (uri, version, position, text) =>
      connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ range: { start: position, end: position }, text }],
      }),
    async complete(uri, position) {
      const answer: { items: { insertText: string }[] } | null = await connection.sendRequest(
        'textDocument/inlineCompletion',
        { textDocument: { uri }, position, context: { triggerKind: 2 } },
      );
      return (answer?.items ?? []).map(({ insertText }) => insertText);
    },
    async stop() {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      connection.dispose();
      await ended(child);
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
