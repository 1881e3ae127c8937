import * as vscode from 'vscode';
import { runBenchmark } from './benchmark';
import { runCalibration } from './calibration';
import { commandIds } from './commandIds';
import type { DocumentFollower } from './documentState';
import { activeLanguage } from './documents';
import type { LanguageServer } from './languageServer';
import { chooseModel } from './models';
import { type Mementos, readSettings, section, setAllLanguages, setLanguage } from './settings';
import type { StatisticsCommands } from './statistics';
import type { StatusItem } from './statusItem';
import { showStatusMenu } from './statusMenu';
import type { Trace } from './trace';

export interface CommandContext {
  readonly extensionUri: vscode.Uri;
  readonly mementos: Mementos;
  readonly log: vscode.LogOutputChannel;
  readonly server: LanguageServer;
  readonly status: StatusItem;
  readonly document: DocumentFollower;
  readonly trace: Trace;
  readonly statistics: StatisticsCommands;
}

type Command = (context: CommandContext) => () => unknown;

const showMenu: Command = (context) => () =>
  showStatusMenu({ view: context.status.view, enable: readSettings().enable, language: activeLanguage() });

/** Asks for ghost text where it is to be had, else opens the menu, whose first row says why it is not. */
const trigger: Command = (context) => async () => {
  const { status, document, server } = context;
  // What was said of the document may have changed since.
  if (status.view.state === 'off here') await document.refresh();
  return server.isRunning() && status.view.answersRequests
    ? vscode.commands.executeCommand('editor.action.inlineSuggest.trigger')
    : showMenu(context)();
};

/** Outside an editor there is no current language; the menu shows what there is. */
const forLanguage =
  (on: boolean): Command =>
  (context) =>
  () => {
    const language = activeLanguage();
    return language === undefined ? showMenu(context)() : setLanguage(language, on);
  };

const commands: Readonly<Record<string, Command>> = {
  [commandIds.trigger]: trigger,
  [commandIds.enable]:
    ({ mementos }) =>
    () =>
      setAllLanguages(true, mementos),
  [commandIds.disable]:
    ({ mementos }) =>
    () =>
      setAllLanguages(false, mementos),
  [commandIds.enableLanguage]: forLanguage(true),
  [commandIds.disableLanguage]: forLanguage(false),
  [commandIds.runBenchmark]:
    ({ server, extensionUri }) =>
    () =>
      runBenchmark(server, extensionUri),
  [commandIds.calibrate]:
    ({ server }) =>
    () =>
      runCalibration(server),
  [commandIds.openTrace]:
    ({ trace }) =>
    () =>
      trace.open(),
  [commandIds.chooseModel]:
    ({ server }) =>
    () =>
      chooseModel(server),
  [commandIds.showStatistics]:
    ({ statistics }) =>
    () =>
      statistics.show(),
  [commandIds.resetStatistics]:
    ({ statistics }) =>
    () =>
      statistics.reset(),
  [commandIds.exportStatistics]:
    ({ statistics }) =>
    () =>
      statistics.export(),
  [commandIds.showLog]:
    ({ log }) =>
    () =>
      log.show(),
  [commandIds.restart]:
    ({ server }) =>
    () =>
      server.restart(),
  [commandIds.openSettings]: () => () =>
    vscode.commands.executeCommand('workbench.action.openSettings', `@ext:slipstream.${section}`),
  [commandIds.showMenu]: showMenu,
};

export function registerCommands(context: CommandContext): vscode.Disposable {
  const registered = Object.entries(commands).map(([id, command]) =>
    vscode.commands.registerCommand(id, command(context)),
  );
  return vscode.Disposable.from(...registered);
}
