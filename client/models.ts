import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { DownloadOffer, ModelEntry } from '../server/protocol';
import { reporterOf } from './progress';
import type { ServerRequests } from './serverRequests';
import { readSettings, setModel } from './settings';
import { told } from './told';

const title = 'Slipstream: Choose Model';

/** What becomes of a chosen row; undefined where nothing does. */
interface Row extends vscode.QuickPickItem {
  readonly choose?: () => Promise<string | undefined>;
}

/** Lets the user choose a model that is here, or download one, and sets `slipstream.model` to it. */
export const chooseModel = told(async (server: ServerRequests) => {
  const chosen = await vscode.window.showQuickPick(rowsOf(server, await server.models()), {
    title,
    placeHolder: 'The model that completes; every one runs on this machine',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  const model = await chosen?.choose?.();
  if (model !== undefined) await setModel(model);
});

function rowsOf(server: ServerRequests, models: readonly ModelEntry[]): Row[] {
  const isHere = ({ kind }: ModelEntry) => ['shipped', 'added', 'downloaded'].includes(kind);
  const isOnHub = ({ kind }: ModelEntry) => kind === 'curated' || kind === 'unfinished';
  return [
    separator('on this machine'),
    ...models.filter(isHere).map(hereRow),
    { label: '$(folder-opened) Folder on disk…', choose: () => askForFolder(server) },
    ...(models.some(isDownload) ? [deleteRow(server, models)] : []),
    separator('to download'),
    ...models.filter(isOnHub).map((model) => hubRow(server, model)),
    { label: '$(cloud-download) Another model of the hub…', choose: () => askForRepository(server) },
  ];
}

const isDownload = ({ kind }: ModelEntry) => kind === 'downloaded' || kind === 'unfinished';

const deleteRow = (server: ServerRequests, models: readonly ModelEntry[]): Row => ({
  label: '$(trash) Delete a download…',
  choose: () => askWhatToDelete(server, models.filter(isDownload)),
});

/** Back to the shipped model where the one in use is deleted. */
async function askWhatToDelete(
  server: ServerRequests,
  downloads: readonly ModelEntry[],
): Promise<string | undefined> {
  const rows = downloads.map(({ name, detail, folder = '' }) => ({ label: name, detail, name, folder }));
  const chosen = await vscode.window.showQuickPick(rows, { title, placeHolder: 'Which download to delete' });
  if (chosen === undefined) return undefined;
  const agreed = 'Delete';
  const options = { modal: true, detail: chosen.detail };
  const answer = await vscode.window.showWarningMessage(`Delete ${chosen.name}?`, options, agreed);
  if (answer !== agreed) return undefined;
  await server.deleteModel(chosen.folder);
  return [chosen.folder, chosen.name].includes(readSettings().model) ? '' : undefined;
}

const separator = (label: string): Row => ({ label, kind: vscode.QuickPickItemKind.Separator });

function hereRow({ kind, name, folder = '', detail }: ModelEntry): Row {
  const value = kind === 'shipped' ? '' : folder;
  const { model } = readSettings();
  const isChosen = [value, name].includes(model) || (kind === 'shipped' && model === '');
  const description = isChosen ? 'in use' : '';
  return {
    label: `$(${isChosen ? 'check' : 'chip'}) ${name}`,
    description,
    detail,
    choose: async () => value,
  };
}

function hubRow(server: ServerRequests, { kind, name, repository = name, licence, detail }: ModelEntry): Row {
  const isBegun = kind === 'unfinished';
  const label = `$(${isBegun ? 'debug-continue' : 'cloud-download'}) ${repository}`;
  const description = isBegun ? 'not whole yet' : (licence ?? '');
  return {
    label,
    description,
    detail,
    choose: () => download(server, kind === 'curated' ? name : repository),
  };
}

async function askForFolder(server: ServerRequests): Promise<string | undefined> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      title,
      openLabel: 'Use This Model',
      canSelectFolders: true,
      canSelectFiles: false,
      // In a window on a remote machine the dialog shows that one, unless it begins on this one, where the model runs.
      defaultUri: vscode.Uri.file(homedir()),
    })) ?? [];
  if (folder === undefined) return undefined;
  if (folder.scheme !== 'file')
    throw new Error(`${folder.path} is on another machine than Slipstream; choose a folder of this one.`);
  await server.addModel(folder.fsPath);
  return folder.fsPath;
}

async function askForRepository(server: ServerRequests): Promise<string | undefined> {
  const repository = await vscode.window.showInputBox({
    title,
    prompt: "Name of a code model in Hugging Face's format, as owner/name",
    placeHolder: 'Qwen/Qwen2.5-Coder-0.5B',
    ignoreFocusOut: true,
  });
  return repository ? download(server, repository.trim()) : undefined;
}

async function download(server: ServerRequests, model: string): Promise<string | undefined> {
  const offer = await inNotification(`Asking the hub about ${model}`, (_, token) =>
    server.offer(model, token),
  );
  if (offer === undefined) return undefined;
  if (!offer.isHere && !(await agrees(offer))) return undefined;
  const answer = await inNotification(`Downloading ${offer.repository}`, (progress, token) =>
    server.download(offer, reporterOf(progress), token),
  );
  if (answer?.folder === undefined) return undefined;
  void vscode.window.showInformationMessage(
    `${offer.repository} is downloaded and checked; Slipstream loads it now, which takes longer the first time.`,
  );
  return answer.folder;
}

/** Size and licence are seen before anything is downloaded. */
async function agrees({ repository, details }: DownloadOffer): Promise<boolean> {
  const agreed = 'Download';
  const options = { modal: true, detail: details.join('\n\n') };
  const question = `Download ${repository}?`;
  return (await vscode.window.showInformationMessage(question, options, agreed)) === agreed;
}

/** Undefined where it was cancelled. */
async function inNotification<T>(
  what: string,
  work: Parameters<typeof vscode.window.withProgress<T>>[1],
): Promise<T | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, title: what, cancellable: true };
  return vscode.window.withProgress(options, async (progress, token) => {
    try {
      return await work(progress, token);
    } catch (error) {
      if (token.isCancellationRequested) return undefined;
      throw error;
    }
  });
}
