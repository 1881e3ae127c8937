import { randomUUID } from 'node:crypto';
import type * as vscode from 'vscode';
import { ErrorCodes, type LanguageClient, ResponseError, WorkDoneProgress } from 'vscode-languageclient/node';
import {
  type BenchAnswer,
  type BenchParams,
  type BenchSuite,
  benchRunRequest,
  benchSuitesRequest,
  type CalibrationAnswer,
  calibrateRequest,
  type DocumentStatus,
  type DownloadOffer,
  documentStatusRequest,
  type ModelEntry,
  modelAddRequest,
  modelDeleteRequest,
  modelDownloadRequest,
  modelOfferRequest,
  modelsRequest,
  resetStatisticsRequest,
  type StatisticsAnswer,
  statisticsRequest,
  type TraceAnswer,
  traceRequest,
  trustedNotification,
  type ViewedParams,
  viewedNotification,
} from '../server/protocol';

export type Progress = (message: string, percentage: number) => void;

/**
 * What the server is asked and told. Nothing is told, and undefined is the answer, while the server is not running, except where
 * somebody waits for an answer: that throws what can be done.
 */
export interface ServerRequests {
  /** Tells the server that the user has come to trust the workspace. */
  trust(): void;
  /** Tells the server which lines of a document the user has looked at. */
  viewed(uri: vscode.Uri, lines: Omit<ViewedParams, 'uri'>): void;
  documentStatus(uri: vscode.Uri): Promise<DocumentStatus | undefined>;
  /** What the last completions were made of. */
  trace(): Promise<TraceAnswer | undefined>;
  /** What was counted on this machine. @throws if the server is not running or ends */
  statistics(): Promise<StatisticsAnswer>;
  /** @throws if the server is not running or ends */
  resetStatistics(): Promise<void>;
  /** @throws if the server is not running or ends */
  benchSuites(): Promise<BenchSuite[]>;
  /** What a cancelled run has measured is an answer. @throws if the server refuses, is not running or ends */
  runBench(params: BenchParams, onProgress: Progress, token: vscode.CancellationToken): Promise<BenchAnswer>;
  /** @returns null where it was cancelled @throws if the server refuses, is not running or ends */
  calibrate(onProgress: Progress, token: vscode.CancellationToken): Promise<CalibrationAnswer | null>;
  /** @throws if the server refuses, is not running or ends */
  models(): Promise<ModelEntry[]>;
  /** @throws if it is no folder of a model that can be run, or the server is not running or ends */
  addModel(folder: string): Promise<void>;
  /** @throws if the server refuses, as it does for what Slipstream did not download, is not running or ends */
  deleteModel(folder: string): Promise<void>;
  /** @throws if the server or the hub refuses, or the server is not running or ends */
  offer(model: string, token: vscode.CancellationToken): Promise<DownloadOffer>;
  /** @returns null where it was cancelled @throws if it fails, or the server is not running or ends */
  download(
    offer: DownloadOffer,
    onProgress: Progress,
    token: vscode.CancellationToken,
  ): Promise<{ folder: string } | null>;
}

/** @param running the client while it can be asked */
export function createRequests(running: () => LanguageClient | undefined): ServerRequests {
  /** Undefined while the server is not running. */
  const ask = async <T>(request: (client: LanguageClient) => Promise<T>): Promise<T | undefined> => {
    const client = running();
    return client && request(client);
  };

  /** @throws what somebody who waits for the answer can do */
  const demand = async <T>(request: (client: LanguageClient) => Promise<T>): Promise<T> => {
    const client = running();
    if (client === undefined) throw new Error('The language server is not running; choose Restart Server.');
    try {
      return await request(client);
    } catch (error) {
      if (!isOfLostConnection(error)) throw error;
      throw new Error('The language server ended before it had answered; try again once it is ready.');
    }
  };

  const demandWithProgress = <T>(
    onProgress: Progress,
    request: (client: LanguageClient, workDoneToken: string) => Promise<T>,
  ): Promise<T> =>
    demand(async (client) => {
      const workDoneToken = randomUUID();
      const listening = client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
        if (value.kind === 'report') onProgress(value.message ?? '', value.percentage ?? 0);
      });
      try {
        return await request(client, workDoneToken);
      } finally {
        listening.dispose();
      }
    });

  return {
    trust: () => void ask((client) => client.sendNotification(trustedNotification)),
    viewed(uri, lines) {
      void ask((client) =>
        client.sendNotification(viewedNotification, {
          uri: client.code2ProtocolConverter.asUri(uri),
          ...lines,
        }),
      );
    },
    documentStatus: (uri) =>
      ask((client) =>
        client.sendRequest(documentStatusRequest, { uri: client.code2ProtocolConverter.asUri(uri) }),
      ),
    trace: () => ask((client) => client.sendRequest(traceRequest)),
    statistics: () => demand((client) => client.sendRequest(statisticsRequest)),
    async resetStatistics() {
      await demand((client) => client.sendRequest(resetStatisticsRequest));
    },
    benchSuites: () => demand((client) => client.sendRequest(benchSuitesRequest)),
    runBench: (params, onProgress, token) =>
      demandWithProgress(onProgress, (client, workDoneToken) =>
        client.sendRequest(benchRunRequest, { ...params, workDoneToken }, token),
      ),
    calibrate: (onProgress, token) =>
      demandWithProgress(onProgress, (client, workDoneToken) =>
        client.sendRequest(calibrateRequest, { workDoneToken }, token),
      ),
    models: () => demand((client) => client.sendRequest(modelsRequest)),
    async addModel(folder) {
      await demand((client) => client.sendRequest(modelAddRequest, { folder }));
    },
    deleteModel: (folder) => demand((client) => client.sendRequest(modelDeleteRequest, { folder })),
    offer: (model, token) => demand((client) => client.sendRequest(modelOfferRequest, { model }, token)),
    download: ({ repository, commit }, onProgress, token) =>
      demandWithProgress(onProgress, (client, workDoneToken) =>
        client.sendRequest(modelDownloadRequest, { repository, commit, workDoneToken }, token),
      ),
  };
}

const lostConnection: readonly number[] = [
  ErrorCodes.MessageWriteError,
  ErrorCodes.MessageReadError,
  ErrorCodes.PendingResponseRejected,
  ErrorCodes.ConnectionInactive,
];

const isOfLostConnection = (error: unknown): boolean =>
  error instanceof ResponseError && lostConnection.includes(error.code);
