import * as vscode from 'vscode';
import { commandIds } from './commandIds';
import { registerCommands } from './commands';
import { followActiveDocument } from './documentState';
import { createLanguageServer, type LanguageServer } from './languageServer';
import { createStatusItem } from './statusItem';
import { isSuperseded } from './statusView';

let server: LanguageServer | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Slipstream', { log: true });
  const status = createStatusItem(commandIds.showMenu);
  server = createLanguageServer(context.asAbsolutePath('dist/server.js'), log, {
    status(serverStatus) {
      if (serverStatus.state === 'failed') log.error(serverStatus.reason);
      status.update({ server: serverStatus });
    },
    outcome(last) {
      if (!isSuperseded(last)) status.update({ last });
    },
    settingsSent: () => document.refresh(),
  });
  const document = followActiveDocument(server, log, (current) => status.update({ document: current }));
  context.subscriptions.push(vscode.workspace.onDidGrantWorkspaceTrust(() => server?.trust()));
  const { extensionUri } = context;
  context.subscriptions.push(log, status, document, registerCommands({ extensionUri, log, server, status }));
  // Activation must not wait for the server: the status item tells how far it is.
  void server.start();
}

export const deactivate = (): Promise<void> | undefined => server?.stop();
