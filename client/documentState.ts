import * as vscode from 'vscode';
import type { DocumentStatus } from '../server/protocol';
import type { LanguageServer } from './languageServer';

export interface DocumentFollower extends vscode.Disposable {
  /** Asks again, for the editor that is active now. */
  refresh(): void;
}

/** Tells `changed` whether completions are on in the active editor, whenever another one becomes active or `refresh` is called. */
export function followActiveDocument(
  server: LanguageServer,
  log: vscode.LogOutputChannel,
  changed: (status: DocumentStatus | undefined) => void,
): DocumentFollower {
  let latest = 0;
  const ask = async () => {
    const question = ++latest;
    const document = vscode.window.activeTextEditor?.document;
    const status = document && (await server.documentStatus(document.uri));
    // An answer about an editor that was left in the meantime is of no use.
    if (question === latest) changed(status);
  };
  const refresh = () => {
    ask().catch((error) => log.warn(`the state of this document is not known: ${String(error)}`));
  };
  const subscriptions = vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(refresh),
    vscode.workspace.onDidOpenTextDocument(refresh),
  );
  return { refresh, dispose: () => subscriptions.dispose() };
}
