import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import type { TraceChange } from '../cli/trace';
import { refreshRequest, type Settings } from '../protocol';

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
  /** Any change of an open document. */
  change(uri: string, version: number, changes: readonly TraceChange[]): Promise<void>;
  close(uri: string): Promise<void>;
  /** Texts of the inline completions there; `invoked` waits for a whole block. */
  complete(uri: string, position: Position, trigger?: 'automatic' | 'invoked'): Promise<string[]>;
  /** Resolves when the rows that edits of the document made stale are encoded anew. */
  refresh(uri: string): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** The folder that holds dist/. */
  readonly root: string;
  readonly cacheDirectory: string;
  /** Empty for the shipped one. */
  readonly model: string;
  /** Of Slipstream, besides the model. */
  readonly settings?: Partial<Settings>;
  readonly deadlineMs?: number;
}

/** Starts `dist/server.js --stdio` and does the handshake. */
export async function startLspClient({
  root,
  cacheDirectory,
  model,
  settings,
  deadlineMs,
}: ServerOptions): Promise<LspClient> {
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
    initializationOptions: { slipstream: { settings: { ...settings, model }, deadlineMs } },
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
    change: (uri, version, contentChanges) =>
      connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges,
      }),
    close: (uri) => connection.sendNotification('textDocument/didClose', { textDocument: { uri } }),
    async refresh(uri) {
      await connection.sendRequest(refreshRequest.method, { uri });
    },
    async complete(uri, position, trigger = 'automatic') {
      const answer: { items: { insertText: string }[] } | null = await connection.sendRequest(
        'textDocument/inlineCompletion',
        { textDocument: { uri }, position, context: { triggerKind: trigger === 'invoked' ? 1 : 2 } },
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
