import path from 'node:path';
import { ErrorCodes, LSPErrorCodes, ResponseError, WorkDoneProgress } from 'vscode-languageserver/node';
import type { ServerContext } from '../context';
import { messageOf } from '../engine/messages';
import { hubAccess } from '../models/access';
import { addFolder, allModels, nameDownload, removeDownload } from '../models/catalogue';
import { targetOf } from '../models/curated';
import { downloadModel, planDownload } from '../models/downloadModel';
import { type HubClient, openHub } from '../models/http';
import { offerOf } from '../models/offer';
import { progressOf } from '../models/progress';
import {
  type DownloadOffer,
  type ModelDownloadParams,
  type ModelEntry,
  modelAddRequest,
  modelDeleteRequest,
  modelDownloadRequest,
  modelOfferRequest,
  modelsRequest,
} from '../protocol';
import { abortable } from '../requests';

/** Lists models, and downloads those that the user asks for. Nothing else in the server opens a connection. */
export function register(context: ServerContext): void {
  const { connection, log } = context;

  connection.onRequest(
    modelsRequest.method,
    (): Promise<ModelEntry[]> => orFailed(async () => withChosen(await allModels(), context.settings.model)),
  );

  connection.onRequest(modelAddRequest.method, (raw: unknown): Promise<{ name: string }> => {
    const folder = folderOf(raw);
    return orFailed(async () => ({ name: await addFolder(folder) }));
  });

  connection.onRequest(modelDeleteRequest.method, (raw: unknown): Promise<void> => {
    const folder = folderOf(raw);
    log.info(`Deleting ${folder}, as the user asked.`);
    return orFailed(() => removeDownload(folder));
  });

  connection.onRequest(modelOfferRequest.method, (raw: unknown, token): Promise<DownloadOffer> => {
    const { model, revision } = (raw ?? {}) as { model?: unknown; revision?: unknown };
    if (typeof model !== 'string' || (revision !== undefined && typeof revision !== 'string'))
      throw invalid('its parameters need a model');
    const { signal } = abortable(token);
    return orFailed(() =>
      withHub(async (hub) => offerOf(await planDownload(hub, targetOf(model, revision), signal))),
    );
  });

  connection.onRequest(modelDownloadRequest.method, (raw: unknown, token) => {
    const { repository, commit, workDoneToken } = (raw ?? {}) as Partial<ModelDownloadParams>;
    if (typeof repository !== 'string' || typeof commit !== 'string')
      throw invalid('its parameters need a repository and a commit');
    const tell = progressOf((message, percentage) => {
      if (workDoneToken === undefined) return;
      void connection.sendProgress(WorkDoneProgress.type, workDoneToken, {
        kind: 'report',
        message,
        percentage,
      });
    });
    const { signal } = abortable(token);
    return orFailed(async () => {
      log.info(`Downloading ${repository} at ${commit}, as the user asked.`);
      try {
        const folder = await withHub(async (hub) =>
          downloadModel(hub, await planDownload(hub, { repository, revision: commit }, signal), tell, signal),
        );
        log.info(`Downloaded ${repository} to ${folder}.`);
        return { name: nameDownload(repository, folder), folder };
      } catch (error) {
        if (!signal.aborted) throw error;
        log.info(`The download of ${repository} was cancelled; what has arrived is kept.`);
        return null;
      }
    });
  });

  async function withHub<T>(work: (hub: HubClient) => Promise<T>): Promise<T> {
    const hub = await openHub(hubAccess(context.settings.hub, process.env, await editorProxy()));
    try {
      return await work(hub);
    } finally {
      await hub.close();
    }
  }

  /** VS Code's own setting, which people behind a proxy have made. */
  async function editorProxy(): Promise<string> {
    if (!context.client.pullsConfiguration) return '';
    try {
      const http: unknown = await connection.workspace.getConfiguration('http');
      const { proxy } = (http ?? {}) as { proxy?: unknown };
      return typeof proxy === 'string' ? proxy.trim() : '';
    } catch (error) {
      log.warn(`The editor did not tell its proxy: ${messageOf(error)}`);
      return '';
    }
  }

  async function orFailed<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      log.error(messageOf(error));
      throw new ResponseError(LSPErrorCodes.RequestFailed, messageOf(error));
    }
  }
}

function folderOf(raw: unknown): string {
  const { folder } = (raw ?? {}) as { folder?: unknown };
  if (typeof folder === 'string' && path.isAbsolute(folder)) return folder;
  throw invalid('its parameters need the full path of a folder');
}

/** A folder that is only named in the settings is among the models that can be chosen, too. */
function withChosen(models: ModelEntry[], chosen: string): ModelEntry[] {
  const isKnown = models.some(({ name, folder }) => chosen === name || chosen === folder);
  if (chosen === '' || isKnown) return models;
  const [first, ...rest] = models;
  const entry: ModelEntry = { kind: 'added', name: path.basename(chosen), folder: chosen, detail: chosen };
  return [...(first === undefined ? [] : [first]), entry, ...rest];
}

const invalid = (why: string) =>
  new ResponseError(ErrorCodes.InvalidParams, `The request cannot be answered, because ${why}.`);
