import * as vscode from 'vscode';
import { runBenchmark } from './benchmark';
import { runCalibration } from './calibration';
import { commandIds } from './commandIds';
import type { LanguageServer } from './languageServer';
import { chooseModel } from './models';
import { readSettings, section, setAllLanguages, setLanguage } from './settings';
import type { StatisticsCommands } from './statistics';
import type { StatusItem } from './statusItem';
import { showStatusMenu } from './statusMenu';
import type { Trace } from './trace';

export interface CommandContext {
  readonly extensionUri: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly server: LanguageServer;
  readonly status: StatusItem;
  readonly trace: Trace;
  readonly statistics: StatisticsCommands;
}

type Command = (context: CommandContext) => () => unknown;

const activeLanguage = () => vscode.window.activeTextEditor?.document.languageId;

const showMenu: Command = (context) => () =>
  showStatusMenu({ view: context.status.view, enable: readSettings().enable, language: activeLanguage() });

/** The command where completions are to be had, else the menu, whose first row says why they are not. */
const orExplain =
  (command: Command): Command =>
  (context) =>
  () => {
    const { state } = context.status.view;
    const available = state === 'ready' || state === 'working';
    return (available ? command : showMenu)(context)();
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
  [commandIds.trigger]: orExplain(
    () => () => vscode.commands.executeCommand('editor.action.inlineSuggest.trigger'),
  ),
  [commandIds.enable]: () => () => setAllLanguages(true),
  [commandIds.disable]: () => () => setAllLanguages(false),
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
    async () => {
      await server.stop();
      await server.start();
    },
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
