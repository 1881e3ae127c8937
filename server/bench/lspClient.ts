import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  CancellationTokenSource,
  ConnectionError,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type { TraceChange } from '../cli/trace';
import {
  type CompletionOutcome,
  outcomeNotification,
  refreshRequest,
  type ServerStatus,
  type Settings,
  statusNotification,
} from '../protocol';
import { endsWithUs } from './scratch';

export interface Position {
  readonly line: number;
  readonly character: number;
}

/** A language client that knows nothing of Slipstream, and the server process that it talks to. */
export interface LspClient {
  readonly pid: number;
  /** Rejects if the server ends by itself; so does every call from then on. */
  readonly lost: Promise<never>;
  open(uri: string, languageId: string, text: string): Promise<void>;
  /** Inserts text at a place of an open document. */
  insert(uri: string, version: number, position: Position, text: string): Promise<void>;
  /** Any change of an open document. */
  change(uri: string, version: number, changes: readonly TraceChange[]): Promise<void>;
  close(uri: string): Promise<void>;
  /** Texts of the inline completions there; `invoked` waits for a whole block. */
  complete(uri: string, position: Position, trigger?: 'automatic' | 'invoked'): Promise<string[]>;
  /** The same while somebody types, as an editor asks: it is cancelled when the next key comes. */
  ask(uri: string, position: Position): { readonly items: Promise<string[]>; cancel(): void };
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
  /** A folder in which servers share an engine; else it has one of its own, since somebody else's is not what is measured. */
  readonly sharedIn?: string;
  /** Told how each request ended. With it the server takes the client for an editor that knows Slipstream. */
  readonly onOutcome?: (outcome: CompletionOutcome) => void;
  /** Told the state of the engine. */
  readonly onStatus?: (status: ServerStatus) => void;
}

/** Starts `dist/server.js --stdio` and does the handshake. */
export async function startLspClient({
  root,
  cacheDirectory,
  model,
  settings,
  deadlineMs,
  sharedIn,
  onOutcome,
  onStatus,
}: ServerOptions): Promise<LspClient> {
  const child = spawn(process.execPath, [join(root, 'dist', 'server.js'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      ...process.env,
      SLIPSTREAM_CACHE_DIR: cacheDirectory,
      ...(sharedIn !== undefined && { SLIPSTREAM_RUNTIME_DIR: sharedIn }),
    },
  });
  await once(child, 'spawn');
  endsWithUs(child);
  const lost = endOf(child);
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  // By name: the editor's libraries bring their own copy of the type's class.
  if (onOutcome !== undefined) connection.onNotification(outcomeNotification.method, onOutcome);
  if (onStatus !== undefined) connection.onNotification(statusNotification.method, onStatus);
  connection.listen();
  const without = [...(settings?.without ?? []), ...(sharedIn === undefined ? (['sharing'] as const) : [])];
  const notifications = onOutcome !== undefined || onStatus !== undefined;
  /** A connection that is closed or a pipe that broke throws at once; why it did, the end of the process tells. */
  const send = async <T>(message: () => Promise<T>): Promise<T> => {
    try {
      return await Promise.race([lost, message()]);
    } catch (error) {
      if (error instanceof ConnectionError || !child.stdin.writable) await lost;
      throw error;
    }
  };
  const request = <T>(method: string, ...given: readonly unknown[]): Promise<T> =>
    send(() => connection.sendRequest<T>(method, ...given));
  const notify = (method: string, params: unknown): Promise<void> =>
    send(() => connection.sendNotification(method, params));
  await request('initialize', {
    processId: process.pid,
    rootUri: null,
    capabilities: { textDocument: { inlineCompletion: {} } },
    initializationOptions: {
      slipstream: { settings: { ...settings, model, without }, deadlineMs, notifications },
    },
  });
  await notify('initialized', {});
  return {
    pid: child.pid ?? 0,
    lost,
    open: (uri, languageId, text) =>
      notify('textDocument/didOpen', {
        textDocument: { uri, languageId, version: 1, text },
      }),
    insert: (uri, version, position, text) =>
      notify('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ range: { start: position, end: position }, text }],
      }),
    change: (uri, version, contentChanges) =>
      notify('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges,
      }),
    close: (uri) => notify('textDocument/didClose', { textDocument: { uri } }),
    async refresh(uri) {
      await request(refreshRequest.method, { uri });
    },
    async complete(uri, position, trigger = 'automatic') {
      const triggerKind = trigger === 'invoked' ? 1 : 2;
      const params = { textDocument: { uri }, position, context: { triggerKind } };
      return textsOf(await request('textDocument/inlineCompletion', params));
    },
    ask(uri, position) {
      const source = new CancellationTokenSource();
      const params = { textDocument: { uri }, position, context: { triggerKind: 2 } };
      const items = request<InlineAnswer>('textDocument/inlineCompletion', params, source.token).then(
        textsOf,
        () => [],
      );
      return { items, cancel: () => source.cancel() };
    },
    async stop() {
      // One that has ended by itself has told so to those who waited for it.
      await request('shutdown').then(
        () => connection.sendNotification('exit'),
        () => {},
      );
      connection.dispose();
      await lost.catch(() => {});
    },
  };
}

type InlineAnswer = { items: { insertText: string }[] } | null;

const textsOf = (answer: InlineAnswer) => (answer?.items ?? []).map(({ insertText }) => insertText);

/** Rejects when the process ends. */
function endOf(child: ChildProcess): Promise<never> {
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(
      `The language server that is measured ended with ${signal ?? `code ${code}`}; run \`node dist/server.js --stdio\` to see what it says.`,
    );
  });
  // Also where nobody waits at that moment.
  ended.catch(() => {});
  return ended;
}
