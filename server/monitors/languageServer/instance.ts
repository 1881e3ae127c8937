import type { CancellationToken } from 'vscode-jsonrpc/node';
import type { ChangedFile } from '../analyst';
import { type Connection, connect } from './connection';
import { residentBytes } from './memory';
import { createSerialQueue } from './queue';
import { type LanguageServer, resolveCommand } from './servers';
import { createSession, type Session } from './session';

/** A private instance of a language server: it starts when it is needed and ends when it is not. */
export interface ServerInstance {
  /** Runs work with the server, one after the other; otherwise one sentence says why it could not be done. Does not reject. */
  use<T>(work: (session: Session, token: CancellationToken) => Promise<T>): Promise<Used<T>>;
  /** Tells the server, if it runs, what has changed on disk. */
  changed(files: readonly ChangedFile[]): void;
  /** Process id while it runs. */
  readonly pid: number | undefined;
  dispose(): Promise<void>;
}

interface Running {
  readonly connection: Connection;
  readonly session: Session;
  /**
   * Those who are told why it has ended. A promise that lives as long as the server would keep the answers of all questions that
   * ever waited for it.
   */
  readonly waiting: Set<(reason: Error) => void>;
  stop(why: string): Promise<void>;
  /** Stops it when it takes more memory than it may. */
  checkMemory(): Promise<void>;
}

export type Used<T> = { readonly value: T } | { readonly reason: string };

export interface InstanceOptions {
  readonly folders: () => readonly string[];
  /** Milliseconds behind the last question until the server is stopped. */
  readonly idleMs: number;
  /** Milliseconds for its start, and for any one answer: a server that takes longer hangs and is ended. */
  readonly startMs: number;
  /** Milliseconds behind which nobody waits for an answer any more: what else is asked goes first. */
  readonly patienceMs: number;
  /** Resident bytes behind which it is stopped; known on Linux only. */
  readonly memoryBytes: number;
  readonly log: (line: string) => void;
}

/** Times that a server may fail before it is left alone. */
const mostFailures = 3;
const mostWaiting = 8;
const memoryCheckMs = 5000;

export function createServerInstance(server: LanguageServer, options: InstanceOptions): ServerInstance {
  const { folders, idleMs, startMs, patienceMs, memoryBytes, log } = options;
  const queue = createSerialQueue(patienceMs, mostWaiting);
  const name = server.command[0];
  let running: Running | undefined;
  let failures = 0;
  let lastFailure = '';
  let isDisposed = false;
  let ending: Promise<void> | undefined;
  let idle: NodeJS.Timeout | undefined;

  const failed = (reason: string) => {
    failures++;
    lastFailure = reason;
    log(reason);
  };

  const start = async (): Promise<Running> => {
    const resolved = await resolveCommand(server, folders());
    if ('reason' in resolved) throw new Error(resolved.reason);
    if (failures >= mostFailures)
      throw new Error(
        `The language server ${name} has failed ${failures} times; change slipstream.languageServers or choose Restart Server. The last time it failed so: ${lastFailure}`,
      );
    const connection = await connect({
      command: resolved.command,
      server,
      folders: folders(),
      startMs,
      log,
    }).catch((error: Error) => {
      failed(error.message);
      throw error;
    });
    if (isDisposed) {
      await connection.stop();
      throw new Error('The analysis has ended.');
    }
    log(`Started the language server ${name} (process ${connection.pid}).`);
    const memory = setInterval(() => void one.checkMemory(), memoryCheckMs).unref();
    let isStopping = false;
    const one: Running = {
      connection,
      session: createSession(connection, server.openDocuments ?? 1),
      waiting: new Set(),
      async stop(why) {
        if (isStopping) return;
        isStopping = true;
        clearInterval(memory);
        if (running === one) running = undefined;
        log(why);
        ending = connection.stop();
        await ending;
      },
      async checkMemory() {
        const bytes = await residentBytes(connection.pid);
        if (bytes === undefined || bytes <= memoryBytes || isStopping) return;
        const reason = `The language server ${name} took ${mebi(bytes)} MiB of memory, more than the ${mebi(memoryBytes)} MiB it may.`;
        failed(reason);
        await one.stop(reason);
      },
    };
    void connection.ended.then((reason) => {
      for (const tell of one.waiting) tell(new Error(reason));
      if (isStopping) return;
      failed(reason);
      void one.stop(reason);
    });
    running = one;
    return one;
  };

  const attempt = async <T>(work: (session: Session) => Promise<T>): Promise<Used<T>> => {
    if (isDisposed) return { reason: 'The analysis has ended.' };
    clearTimeout(idle);
    try {
      const { session, stop, checkMemory, waiting } = running ?? (await start());
      let lost = (_: Error) => {};
      const ended = new Promise<never>((_, reject) => {
        lost = reject;
        waiting.add(lost);
      });
      const limit = timeLimit(startMs, `The language server ${name} did not answer within ${startMs} ms.`);
      try {
        const value = await Promise.race([
          work(session),
          limit.late.catch((error: Error) => {
            failed(error.message);
            void stop(error.message);
            throw error;
          }),
          ended,
        ]);
        await checkMemory();
        return { value };
      } finally {
        waiting.delete(lost);
        limit.clear();
        await ending;
      }
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error) };
    } finally {
      idle = setTimeout(
        () => void running?.stop(`Stopped the language server ${name}: it was idle.`),
        idleMs,
      );
      idle.unref();
    }
  };

  return {
    use: async (work) =>
      (await queue.run((token) => attempt((session) => work(session, token)))) ?? {
        reason: 'Newer questions came first.',
      },
    changed(files) {
      // Of a server that ends meanwhile its end tells more.
      running?.session.changed(files).catch(() => undefined);
    },
    get pid() {
      return running?.connection.pid;
    },
    async dispose() {
      isDisposed = true;
      clearTimeout(idle);
      await running?.stop(`Stopped the language server ${name}.`);
      await ending;
    },
  };
}

function timeLimit(ms: number, message: string): { late: Promise<never>; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), ms);
  });
  return { late, clear: () => clearTimeout(timer) };
}

const mebi = (bytes: number): number => Math.round(bytes / 2 ** 20);
