import * as vscode from 'vscode';
import { commandIds } from './commandIds';
import { registerCommands } from './commands';
import { followActiveDocument } from './documentState';
import { createLanguageServer, type LanguageServer } from './languageServer';
import { createStatistics } from './statistics';
import { createStatusItem } from './statusItem';
import { isOutdatedBy, isSuperseded } from './statusView';
import { createTrace } from './trace';
import { followViews } from './viewed';

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
      if (isSuperseded(last)) return;
      status.update({ last });
      // Such as a file that could not be written and was edited all the same.
      if (isOutdatedBy(status.view, last)) void document.refresh();
      trace.renew();
    },
    clipboard: () => vscode.env.clipboard.readText(),
    settingsSent: () => void document.refresh(),
  });
  const document = followActiveDocument(server, log, (current) => status.update({ document: current }));
  context.subscriptions.push(vscode.workspace.onDidGrantWorkspaceTrust(() => server?.trust()));
  context.subscriptions.push(followViews(server));
  const trace = createTrace(server);
  const { extensionUri } = context;
  const statistics = createStatistics(server, extensionUri);
  const commands = registerCommands({
    extensionUri,
    mementos: context,
    log,
    server,
    status,
    document,
    trace,
    statistics,
  });
  context.subscriptions.push(log, status, document, trace, commands);
  // Activation must not wait for the server: the status item tells how far it is.
  void server.restart();
}

export const deactivate = (): Promise<void> | undefined => server?.stop();
