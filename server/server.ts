import { type Connection, TextDocuments } from 'vscode-languageserver/node';
import type { ServerContext } from './context';
import { createDocumentHistory } from './documents/history';
import { listen } from './documents/sync';
import { createEngineHost } from './engine/host';
import * as bench from './features/bench';
import * as calibration from './features/calibration';
import * as documentStatus from './features/documentStatus';
import * as engine from './features/engine';
import * as inlineCompletion from './features/inlineCompletion';
import * as lifecycle from './features/lifecycle';
import * as monitors from './features/monitors';
import * as refresh from './features/refresh';
import * as settings from './features/settings';
import * as workspaceFolders from './features/workspaceFolders';
import { connectionLog } from './log';
import { createAnalyst } from './monitors/index';
import { defaultSettings, statusNotification } from './protocol';

/** Serves one client until it says goodbye or goes away. */
export function startServer(connection: Connection): void {
  const log = connectionLog(connection);
  const history = createDocumentHistory(log.warn);
  const context: ServerContext = {
    connection,
    log,
    documents: new TextDocuments(history),
    history,
    engine: createEngineHost({
      log: log.info,
      status: (status) => context.notify(statusNotification, status),
    }),
    analyst: createAnalyst({
      settings: () => context.settings,
      openDocuments: () => context.documents.all(),
      folders: () => context.client.folders,
      isTrusted: () => context.client.isTrusted,
      log: log.info,
    }),
    client: lifecycle.unknownClient(),
    notify(type, params) {
      // By name: client and server libraries each bring their own copy of the type's class.
      if (context.client.notifications) void connection.sendNotification(type.method, params);
    },
    settings: defaultSettings,
    onInitialized: [],
    onSettings: [],
  };

  lifecycle.register(context);
  workspaceFolders.register(context);
  engine.register(context);
  settings.register(context);
  inlineCompletion.register(context);
  monitors.register(context);
  documentStatus.register(context);
  refresh.register(context);
  bench.register(context);
  calibration.register(context);

  listen(connection, context.documents, log);
  connection.listen();
}
