import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { vi } from 'vitest';
import {
  createProtocolConnection,
  type InitializeParams,
  type InlineCompletionItem,
  type InlineCompletionList,
  type InlineCompletionParams,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';

// Each test starts processes that load the model, and shares the machine with other tests.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const nothingLearned = path.join(tmpdir(), 'slipstream-nothing-learned');
const root = path.resolve(import.meta.dirname, '..', '..', '..');

/** A bundle of the product; the tests run what is shipped. */
export function built(name: string): string {
  const file = path.join(root, 'dist', name);
  if (!existsSync(file)) throw new Error(`${file} is not there: run npm run build first`);
  return file;
}

/** A folder of its own for caches and lists, so that a test neither finds nor leaves anything. */
export function scratchFolder(): { path: string; remove: () => void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipstream-test-'));
  return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Notification {
  readonly method: string;
  readonly params: unknown;
}

/** A client that knows LSP and nothing else, with the server as its child over stdio. */
export interface GenericClient {
  readonly connection: ProtocolConnection;
  readonly process: ChildProcess;
  /** Every notification that the server has sent. */
  readonly notifications: Notification[];
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>;
  initialize(params?: Partial<InitializeParams>): Promise<void>;
  open(uri: string, text: string, languageId?: string): void;
  change(
    uri: string,
    version: number,
    from: readonly [number, number],
    to: readonly [number, number],
    text: string,
  ): void;
  complete(
    uri: string,
    line: number,
    character: number,
    context?: Partial<InlineCompletionParams['context']>,
  ): Promise<InlineCompletionItem[]>;
  /** Waits for a notification that fits, from the beginning of the session. */
  notified<T>(method: string, fits: (params: T) => boolean): Promise<T>;
  stop(): Promise<number | null>;
}

/** @param env by default nothing that was learned on this machine is found */
export function startClient(
  env: NodeJS.ProcessEnv = { SLIPSTREAM_CONFIG_DIR: nothingLearned },
): GenericClient {
  // Other tests' servers, and the editor of whoever runs them, have engines of their own.
  const alone = mkdtempSync(path.join(tmpdir(), 'slipstream-alone-'));
  const child = spawn(process.execPath, [built('server.js'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, SLIPSTREAM_RUNTIME_DIR: alone, ...env },
  });
  child.once('exit', () => rmSync(alone, { recursive: true, force: true }));
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const notifications: Notification[] = [];
  const waiting = new Set<() => void>();
  connection.onUnhandledNotification(({ method, params }) => {
    notifications.push({ method, params });
    for (const check of waiting) check();
  });
  connection.listen();

  return {
    connection,
    process: child,
    notifications,
    exited,

    async initialize(params = {}) {
      await connection.sendRequest('initialize', {
        processId: process.pid,
        rootUri: null,
        capabilities: { textDocument: { inlineCompletion: {} } },
        ...params,
      });
      await connection.sendNotification('initialized', {});
    },

    open(uri, text, languageId = 'typescript') {
      const textDocument = { uri, languageId, version: 1, text };
      void connection.sendNotification('textDocument/didOpen', { textDocument });
    },

    change(uri, version, [line, character], [endLine, endCharacter], text) {
      const range = { start: { line, character }, end: { line: endLine, character: endCharacter } };
      const contentChanges = [{ range, text }];
      void connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges,
      });
    },

    async complete(uri, line, character, context = {}) {
      const list: InlineCompletionList = await connection.sendRequest('textDocument/inlineCompletion', {
        textDocument: { uri },
        position: { line, character },
        context: { triggerKind: 2, ...context },
      });
      return list.items;
    },

    notified<T>(method: string, fits: (params: T) => boolean) {
      return new Promise<T>((resolve) => {
        const check = () => {
          const found = notifications.find((sent) => sent.method === method && fits(sent.params as T));
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found.params as T);
        };
        waiting.add(check);
        check();
      });
    },

    async stop() {
      if (child.exitCode !== null) return child.exitCode;
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      return exited;
    },
  };
}

/** Text that any model goes on with. */
export const sample = [
  'export class Stack<T> {',
  '  private items: T[] = [];',
  '',
  '  push(item: T): void {',
  '    this.items.push(item);',
  '  }',
  '',
  '  pop(): T | undefined {',
  '    return this.items.pop();',
  '  }',
  '',
  '  clear(): void {',
  '    this.',
  '  }',
  '}',
  '',
].join('\n');
/** After `this.`. */
export const sampleCaret = [12, 9] as const;
/** A busy machine must not shorten what the tests compare. */
export const patient = { initializationOptions: { slipstream: { deadlineMs: 20_000 } } };

/** A client of a server whose engine is ready. */
export async function startReady(slipstream: object): Promise<GenericClient> {
  const client = startClient();
  await client.initialize({ initializationOptions: { slipstream } });
  await client.notified<{ state: string }>('slipstream/status', ({ state }) => state === 'ready');
  return client;
}
