import { randomUUID } from 'node:crypto';
import type * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  TransportKind,
  WorkDoneProgress,
} from 'vscode-languageclient/node';
import {
  type BenchAnswer,
  type BenchParams,
  type BenchSuite,
  benchRunRequest,
  benchSuitesRequest,
  type CalibrationAnswer,
  type CompletionOutcome,
  calibrateRequest,
  clipboardRequest,
  type DocumentStatus,
  type DownloadOffer,
  documentStatusRequest,
  type InitializationOptions,
  languageServerName,
  type ModelEntry,
  modelAddRequest,
  modelDeleteRequest,
  modelDownloadRequest,
  modelOfferRequest,
  modelsRequest,
  outcomeNotification,
  resetStatisticsRequest,
  type ServerStatus,
  type StatisticsAnswer,
  statisticsRequest,
  statusNotification,
  type TraceAnswer,
  traceRequest,
  trustedNotification,
  type ViewedParams,
  viewedNotification,
} from '../server/protocol';
import { createRestartBudget } from './restartBudget';
import { isTrusted, readSettings, section } from './settings';

export type Progress = (message: string, percentage: number) => void;

export interface LanguageServer {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Tells the server that the user has come to trust the workspace. */
  trust(): void;
  /** Tells the server which lines of a document the user has looked at. */
  viewed(uri: vscode.Uri, lines: Omit<ViewedParams, 'uri'>): void;
  /** Undefined while the server is not running. */
  documentStatus(uri: vscode.Uri): Promise<DocumentStatus | undefined>;
  /** What the last completions were made of; undefined while the server is not running. */
  trace(): Promise<TraceAnswer | undefined>;
  /** What was counted on this machine; undefined while the server is not running. */
  statistics(): Promise<StatisticsAnswer | undefined>;
  resetStatistics(): Promise<void>;
  /** Undefined while the server is not running. */
  benchSuites(): Promise<BenchSuite[] | undefined>;
  /** @throws if the server refuses or ends; what a cancelled run has measured is an answer */
  runBench(
    params: BenchParams,
    onProgress: Progress,
    token: vscode.CancellationToken,
  ): Promise<BenchAnswer | undefined>;
  /** @throws if the server refuses; null where it was cancelled, undefined while the server is not running */
  calibrate(
    onProgress: Progress,
    token: vscode.CancellationToken,
  ): Promise<CalibrationAnswer | null | undefined>;
  /** Undefined while the server is not running. @throws if the server refuses */
  models(): Promise<ModelEntry[] | undefined>;
  /** @throws if it is no folder of a model that can be run */
  addModel(folder: string): Promise<void>;
  /** @throws if the server refuses, as it does for what Slipstream did not download */
  deleteModel(folder: string): Promise<void>;
  /** Undefined while the server is not running. @throws if the server or the hub refuses */
  offer(model: string, token: vscode.CancellationToken): Promise<DownloadOffer | undefined>;
  /** @throws if it fails; null where it was cancelled, undefined while the server is not running */
  download(
    offer: DownloadOffer,
    onProgress: Progress,
    token: vscode.CancellationToken,
  ): Promise<{ folder: string } | null | undefined>;
}

export interface LanguageServerEvents {
  status(status: ServerStatus): void;
  outcome(outcome: CompletionOutcome): void;
  /** What the clipboard holds: asked only where the settings have room for it. */
  clipboard(): Thenable<string>;
  /** The server has just been told the current settings. */
  settingsSent(): void;
}

const schemes = ['file', 'untitled', 'vscode-notebook-cell', 'vscode-remote', 'vscode-vfs'];
const restartDelayMs = 500;

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
  let timer: NodeJS.Timeout | undefined;

  const launch = async () => {
    events.status({ state: 'starting', reason: 'The language server is starting.' });
    const launched = createClient();
    client = launched;
    try {
      await launched.start();
      log.info('the language server runs');
    } catch (error) {
      // A server that dies here is reported by `closed` as well, which starts it again.
      log.error(`the language server did not start: ${String(error)}`);
    }
  };

  const died = (dead: LanguageClient) => {
    if (dead !== client) return;
    client = undefined;
    if (restarts.take()) {
      log.warn('the language server ended unexpectedly and is started again');
      timer = setTimeout(launch, restartDelayMs);
    } else {
      const reason = `The language server ended ${restarts.limit + 1} times within ${restarts.windowMs / 60_000} minutes; see the log for why, then choose Restart Server.`;
      log.error(reason);
      events.status({ state: 'failed', reason });
    }
  };

  const createClient = (): LanguageClient => {
    const options: LanguageClientOptions = {
      documentSelector: schemes.map((scheme) => ({ scheme })),
      initializationOptions: (): InitializationOptions => ({
        slipstream: { notifications: true, isTrusted: isTrusted(), settings: readSettings() },
      }),
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
    const created = new LanguageClient(section, languageServerName, server, options);
    created.onNotification(statusNotification, (status) => {
      if (created === client) events.status(status);
    });
    created.onRequest(clipboardRequest, () => events.clipboard());
    created.onNotification(outcomeNotification, (outcome) => events.outcome(outcome));
    return created;
  };

  const stop = async () => {
    clearTimeout(timer);
    const running = client;
    client = undefined;
    try {
      await running?.dispose();
    } catch (error) {
      // Stopping a server that hangs or never started rejects; its process is ended all the same.
      log.warn(`the language server did not stop in order: ${String(error)}`);
    }
  };

  /** Undefined while the server is not running. */
  const withProgress = async <T>(
    onProgress: Progress,
    request: (running: LanguageClient, workDoneToken: string) => Promise<T>,
  ): Promise<T | undefined> => {
    if (!client?.isRunning()) return undefined;
    const workDoneToken = randomUUID();
    const listening = client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
      if (value.kind === 'report') onProgress(value.message ?? '', value.percentage ?? 0);
    });
    try {
      return await request(client, workDoneToken);
    } finally {
      listening.dispose();
    }
  };

  return {
    start() {
      restarts.reset();
      return launch();
    },
    stop,
    trust() {
      if (client?.isRunning()) void client.sendNotification(trustedNotification);
    },
    viewed(uri, lines) {
      if (!client?.isRunning()) return;
      void client.sendNotification(viewedNotification, {
        uri: client.code2ProtocolConverter.asUri(uri),
        ...lines,
      });
    },
    async documentStatus(uri) {
      if (!client?.isRunning()) return undefined;
      return client.sendRequest(documentStatusRequest, { uri: client.code2ProtocolConverter.asUri(uri) });
    },
    async trace() {
      return client?.isRunning() ? client.sendRequest(traceRequest) : undefined;
    },
    async statistics() {
      return client?.isRunning() ? client.sendRequest(statisticsRequest) : undefined;
    },
    async resetStatistics() {
      if (client?.isRunning()) await client.sendRequest(resetStatisticsRequest);
    },
    async benchSuites() {
      if (!client?.isRunning()) return undefined;
      return client.sendRequest(benchSuitesRequest);
    },
    async runBench(params, onProgress, token) {
      return withProgress(onProgress, (running, workDoneToken) =>
        running.sendRequest(benchRunRequest, { ...params, workDoneToken }, token),
      );
    },
    async calibrate(onProgress, token) {
      return withProgress(onProgress, (running, workDoneToken) =>
        running.sendRequest(calibrateRequest, { workDoneToken }, token),
      );
    },
    async models() {
      if (!client?.isRunning()) return undefined;
      return client.sendRequest(modelsRequest);
    },
    async addModel(folder) {
      if (client?.isRunning()) await client.sendRequest(modelAddRequest, { folder });
    },
    async deleteModel(folder) {
      if (client?.isRunning()) await client.sendRequest(modelDeleteRequest, { folder });
    },
    async offer(model, token) {
      if (!client?.isRunning()) return undefined;
      return client.sendRequest(modelOfferRequest, { model }, token);
    },
    async download({ repository, commit }, onProgress, token) {
      return withProgress(onProgress, (running, workDoneToken) =>
        running.sendRequest(modelDownloadRequest, { repository, commit, workDoneToken }, token),
      );
    },
  };
}
