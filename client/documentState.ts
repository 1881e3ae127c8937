import * as vscode from 'vscode';
import type { DocumentStatus } from '../server/protocol';
import { isKnownToServer } from './documents';
import type { ServerRequests } from './serverRequests';

export interface DocumentFollower extends vscode.Disposable {
  /** Asks again, for the editor that is active now. Settled when `changed` has been told, or the failure logged. */
  refresh(): Promise<void>;
}

/** Tells `changed` whether completions are on in the active editor, whenever another one becomes active or `refresh` is called. */
export function followActiveDocument(
  server: ServerRequests,
  log: vscode.LogOutputChannel,
  changed: (status: DocumentStatus | undefined) => void,
): DocumentFollower {
  const statusOf = async (document: vscode.TextDocument) =>
    isKnownToServer(document) ? server.documentStatus(document.uri) : elsewhere(document);
  let latest = 0;
  const ask = async () => {
    const question = ++latest;
    const document = vscode.window.activeTextEditor?.document;
    const status = document && (await statusOf(document));
    // An answer about an editor that was left in the meantime is of no use.
    if (question === latest) changed(status);
  };
  const refresh = () =>
    ask().catch((error) => log.warn(`the state of this document is not known: ${String(error)}`));
  const subscriptions = vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(refresh),
    vscode.workspace.onDidOpenTextDocument(refresh),
  );
  return { refresh, dispose: () => subscriptions.dispose() };
}

/** The log and what else is put out beside the editors says nothing about where somebody writes. */
const elsewhere = ({ uri }: vscode.TextDocument): DocumentStatus | undefined =>
  uri.scheme === 'output'
    ? undefined
    : { on: false, reason: `Nothing is completed in documents of this kind (${uri.scheme}:).` };
