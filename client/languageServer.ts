import { setTimeout as delay } from 'node:timers/promises';
import type * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  TransportKind,
} from 'vscode-languageclient/node';
import {
  type CompletionOutcome,
  clipboardRequest,
  type InitializationOptions,
  languageServerName,
  outcomeNotification,
  type ServerStatus,
  statusNotification,
} from '../server/protocol';
import { schemes } from './documents';
import { createRestartBudget } from './restartBudget';
import { createRequests, type ServerRequests } from './serverRequests';
import { isTrusted, readSettings, section } from './settings';

export interface LanguageServer extends ServerRequests {
  /** Starts the server; ends the one that runs before. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  /** Whether it has said that it can be asked. */
  isRunning(): boolean;
}

export interface LanguageServerEvents {
  status(status: ServerStatus): void;
  outcome(outcome: CompletionOutcome): void;
  /** What the clipboard holds: asked only where the settings have room for it. */
  clipboard(): Thenable<string>;
  /** The server has just been told the current settings. */
  settingsSent(): void;
}

const restartDelayMs = 500;
/** A server that is still starting cannot be told to end: for so long one waits until it can. */
const startPatienceMs = 3000;

/** One that opens no message box: the library's own does when a server dies while it starts, whatever the options say. */
class QuietLanguageClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/**
 * Runs the language server and starts it again when it dies, up to a limit. Every state is
 * reported through `events.status`; nothing here opens a message box, whatever happens.
 */
export function createLanguageServer(
  modulePath: string,
  log: vscode.LogOutputChannel,
  events: LanguageServerEvents,
): LanguageServer {
  const restarts = createRestartBudget();
  let client: LanguageClient | undefined;
  /** Settled when the client has started, or failed to. */
  let started: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();
  /** Whether the workspace was trusted when the server that starts was told so. */
  let isToldTrusted = false;

  /** One step behind the other, so that there is never more than one server. None of them throws. */
  const inTurn = (step: () => Promise<void> | void): Promise<void> => {
    turn = turn.then(step);
    return turn;
  };

  const launch = () => {
    events.status({ state: 'starting', reason: 'The language server is starting.' });
    const launched = createClient();
    client = launched;
    started = launched.start().then(
      () => {
        log.info('the language server runs');
        // Who came to trust the workspace while it started was told nothing of it.
        if (isTrusted() && !isToldTrusted) requests.trust();
      },
      (error) => {
        log.error(`the language server did not start: ${String(error)}`);
        died(launched);
      },
    );
  };

  const died = (dead: LanguageClient) => {
    if (dead !== client) return;
    client = undefined;
    if (restarts.take()) {
      log.warn('the language server ended unexpectedly and is started again');
      timer = setTimeout(() => inTurn(launch), restartDelayMs);
    } else {
      const reason = `The language server ended ${restarts.limit + 1} times within ${restarts.windowMs / 60_000} minutes; see the log for why, then choose Restart Server.`;
      log.error(reason);
      events.status({ state: 'failed', reason });
    }
  };

  const createClient = (): LanguageClient => {
    const options: LanguageClientOptions = {
      documentSelector: schemes.map((scheme) => ({ scheme })),
      initializationOptions: (): InitializationOptions => {
        isToldTrusted = isTrusted();
        return { slipstream: { notifications: true, isTrusted: isToldTrusted, settings: readSettings() } };
      },
      outputChannel: log,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationFailedHandler: () => false,
      middleware: {
        workspace: {
          async configuration(params, token, next) {
            const answer = await next(params, token);
            // After this answer is on its way, so that what is asked next is asked under the new settings.
            setImmediate(events.settingsSent);
            return answer;
          },
        },
      },
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          died(created);
          // The library's own restart shows a message box when it fails.
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
    };
    const server = { module: modulePath, transport: TransportKind.ipc };
    const created = new QuietLanguageClient(section, languageServerName, server, options);
    created.onNotification(statusNotification, (status) => {
      if (created === client) events.status(status);
    });
    created.onRequest(clipboardRequest, () => events.clipboard());
    created.onNotification(outcomeNotification, (outcome) => events.outcome(outcome));
    return created;
  };

  const end = async () => {
    clearTimeout(timer);
    const ending = client;
    client = undefined;
    try {
      await Promise.race([started, delay(startPatienceMs)]);
      await ending?.dispose();
    } catch (error) {
      // Stopping a server that hangs or never started rejects; its process is ended all the same.
      log.warn(`the language server did not stop in order: ${String(error)}`);
    }
  };

  const running = () => (client?.isRunning() ? client : undefined);
  const requests = createRequests(running);

  return {
    ...requests,
    restart: () =>
      inTurn(async () => {
        await end();
        restarts.reset();
        launch();
      }),
    stop: () => inTurn(end),
    isRunning: () => running() !== undefined,
  };
}
