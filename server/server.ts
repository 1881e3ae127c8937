import { type Connection, TextDocuments } from 'vscode-languageserver/node';
import { createSyntax } from './completion/syntax/index';
import type { ServerContext } from './context';
import { createBattery } from './documents/battery';
import type { Replacement } from './documents/changes';
import { createDocumentHistory } from './documents/history';
import { createManners } from './documents/manners';
import { createNotebooks } from './documents/notebooks';
import { listen } from './documents/sync';
import { createEngineHost } from './engine/host';
import * as bench from './features/bench';
import * as calibration from './features/calibration';
import * as documentStatus from './features/documentStatus';
import * as engine from './features/engine';
import * as inlineCompletion from './features/inlineCompletion';
import * as lifecycle from './features/lifecycle';
import * as models from './features/models';
import * as monitors from './features/monitors';
import * as refresh from './features/refresh';
import * as settings from './features/settings';
import * as statistics from './features/statistics';
import * as surroundings from './features/surroundings';
import * as trace from './features/trace';
import * as workspaceFolders from './features/workspaceFolders';
import { connectionLog } from './log';
import { createAnalyst } from './monitors/index';
import { grammarPath } from './paths';
import { defaultSettings, statusNotification } from './protocol';
import { createSurroundings, fileOf } from './retrieval/surroundings';

/** Serves one client until it says goodbye or goes away. */
export function startServer(connection: Connection): void {
  const log = connectionLog(connection);
  const replaced = (uri: string, replacement: Replacement) => {
    for (const told of context.onReplaced) told(uri, replacement);
  };
  const history = createDocumentHistory(log.warn, replaced, (uri) => context.surroundings.isAllowed(uri));
  const documents = new TextDocuments(history);
  const notebooks = createNotebooks(documents);
  const analyst = createAnalyst({
    settings: () => context.settings,
    openDocuments: () => context.documents.all(),
    folders: () => context.client.folders,
    isTrusted: () => context.client.isTrusted,
    log: log.info,
  });
  const context: ServerContext = {
    connection,
    log,
    documents,
    history,
    manners: createManners({
      settings: () => context.settings,
      folders: () => context.client.roots,
      battery: createBattery(),
      fileOf,
    }),
    surroundings: createSurroundings({
      settings: () => context.settings,
      analyst,
      folders: () => context.client.folders,
      roots: () => context.client.roots,
      openDocuments: () => history.recent().filter((document) => !context.manners.isOff(document)),
      cellsOf: notebooks.cellsOf,
    }),
    engine: createEngineHost({
      log: log.info,
      status: (status) => context.notify(statusNotification, status),
    }),
    analyst,
    syntax: createSyntax(grammarPath, log.info),
    client: lifecycle.unknownClient(),
    notify(type, params) {
      // By name: client and server libraries each bring their own copy of the type's class.
      if (context.client.notifications) void connection.sendNotification(type.method, params);
    },
    settings: defaultSettings,
    onInitialized: [],
    onSettings: [],
    onFinished: [],
    onReplaced: [],
  };

  lifecycle.register(context);
  workspaceFolders.register(context);
  engine.register(context);
  settings.register(context);
  inlineCompletion.register(context);
  surroundings.register(context, notebooks);
  monitors.register(context);
  documentStatus.register(context);
  refresh.register(context);
  bench.register(context);
  calibration.register(context);
  models.register(context);
  statistics.register(context);
  trace.register(context);

  listen(connection, context.documents, log);
  connection.listen();
}
