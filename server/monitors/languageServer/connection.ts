import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import {
  type CancellationToken,
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type {
  Diagnostic,
  InitializeParams,
  InitializeResult,
  PublishDiagnosticsParams,
} from 'vscode-languageserver-protocol';
import type { LanguageServer } from './servers';

/** A language server that runs and is initialised. */
export interface Connection {
  readonly pid: number;
  readonly takesChanges: boolean;
  /** Resolves with one sentence when the process has ended or what it writes is no LSP. */
  readonly ended: Promise<string>;
  /** Rejects when the server answers with an error or ends. */
  request<R>(method: string, params: unknown, token: CancellationToken): Promise<R>;
  notify(method: string, params: unknown): Promise<void>;
  /** Calls back for what the server finds wrong with a document, and with which version of it where it says so. */
  onDiagnostics(listener: (uri: string, diagnostics: readonly Diagnostic[], version?: number) => void): void;
  /** Ends the process, politely at first. */
  stop(): Promise<void>;
}

export interface ConnectOptions {
  readonly command: readonly string[];
  readonly server: LanguageServer;
  /** File paths of the workspace. */
  readonly folders: readonly string[];
  readonly startMs: number;
  readonly log: (line: string) => void;
}

const politeMs = 500;

/** What servers ask of an editor, and what needs no more than that it was heard. */
const emptyAnswers = [
  'client/registerCapability',
  'client/unregisterCapability',
  'window/workDoneProgress/create',
  'workspace/diagnostic/refresh',
  'workspace/semanticTokens/refresh',
  'workspace/inlayHint/refresh',
  'workspace/codeLens/refresh',
];

/** Starts a language server. Rejects, with one sentence, when it does not come up in time. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { command, server, folders, startMs, log } = options;
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: folders[0],
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    // Electron's own executable only behaves like Node with this; other programs do not look at it.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', ...server.environment },
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-400);
  });
  // Writing to a process that has just ended is reported by its end already.
  child.stdin.on('error', () => undefined);
  const rpc = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const name = server.command[0];
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) =>
      resolve(`The language server ${name} could not be started: ${error.message}.`),
    );
    child.once('exit', (code, signal) => {
      if (complaint.trim() !== '') log(`${name}: ${complaint.trim()}`);
      resolve(`The language server ${name} ended (${signal ?? `exit code ${code}`}).`);
    });
    rpc.onError(([error]) =>
      resolve(`The language server ${name} wrote what is no message: ${error.message}.`),
    );
    // A process that ends closes its connection as well, and its end tells more.
    rpc.onClose(() =>
      setTimeout(() => resolve(`The language server ${name} closed its connection.`), politeMs).unref(),
    );
  });

  const kill = async () => {
    rpc.dispose();
    child.stdin.destroy();
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };

  rpc.onRequest('workspace/configuration', ({ items }: { items: { section?: string }[] }) =>
    items.map(({ section }) => settingsOf(server.settings ?? {}, section)),
  );
  for (const method of emptyAnswers) rpc.onRequest(method, () => null);
  rpc.listen();

  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`The language server ${name} did not start within ${startMs} ms.`)),
        startMs,
      );
    });
    const failed = ended.then((reason) => Promise.reject(new Error(reason)));
    const answered = rpc.sendRequest<InitializeResult>('initialize', initialization(server, folders));
    // The server's end tells more than the request that was cut off by it.
    const begun = answered.catch((error: Error) =>
      Promise.race([failed, wait(50).then(() => Promise.reject(error))]),
    );
    const { capabilities } = await Promise.race([begun, late, failed]);
    await rpc.sendNotification('initialized', {});
    const sync = capabilities.textDocumentSync;
    return {
      pid: child.pid ?? 0,
      takesChanges: (typeof sync === 'object' ? sync.change : sync) === 2,
      ended,
      request: (method, params, token) => rpc.sendRequest(method, params, token),
      notify: (method, params) => rpc.sendNotification(method, params),
      onDiagnostics(listener) {
        rpc.onNotification(
          'textDocument/publishDiagnostics',
          ({ uri, diagnostics, version }: PublishDiagnosticsParams) => listener(uri, diagnostics, version),
        );
      },
      async stop() {
        const polite = async () => {
          await rpc.sendRequest('shutdown');
          await rpc.sendNotification('exit');
          await ended;
        };
        // It is killed in any case.
        await Promise.race([polite().catch(() => undefined), wait(politeMs)]);
        await kill();
      },
    };
  } catch (error) {
    await kill();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function initialization(server: LanguageServer, folders: readonly string[]): InitializeParams {
  const workspaceFolders = folders.map((folder) => ({ uri: pathToFileURL(folder).href, name: folder }));
  return {
    processId: process.pid,
    rootUri: workspaceFolders[0]?.uri ?? null,
    workspaceFolders,
    initializationOptions: server.initializationOptions,
    capabilities: {
      workspace: { configuration: true, workspaceFolders: true },
      textDocument: {
        // Snippets would bring items that are no names.
        completion: { completionItem: { snippetSupport: false, labelDetailsSupport: true } },
        hover: { contentFormat: ['plaintext'] },
        publishDiagnostics: {},
        // Pyright then checks nothing on its own, which takes longer than all that is asked of it here.
        diagnostic: { dynamicRegistration: true },
      },
    },
  };
}

function settingsOf(settings: unknown, section = ''): unknown {
  let found = settings;
  for (const key of section.split('.').filter((part) => part !== ''))
    found = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined;
  return found ?? null;
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
