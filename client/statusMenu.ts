import * as vscode from 'vscode';
import { commandIds } from './commandIds';
import { type EnableMap, isOn } from './enableMap';
import type { StatusView } from './statusView';
import { wrap } from './wrap';

interface Row extends vscode.QuickPickItem {
  readonly command?: string;
}

export interface MenuContext {
  readonly view: StatusView;
  readonly enable: EnableMap;
  /** Of the active editor. */
  readonly language: string | undefined;
}

/** A quick pick cuts longer text off. */
const rowLength = 84;

/** What a click on the status item opens: the state with its reason first, then what can be done. */
export async function showStatusMenu(context: MenuContext): Promise<void> {
  const chosen = await vscode.window.showQuickPick(menuRows(context), {
    title: 'Slipstream',
    placeHolder: 'Inline completion from a model on this machine',
  });
  if (chosen?.command) await vscode.commands.executeCommand(chosen.command);
}

function menuRows({ view, enable, language }: MenuContext): Row[] {
  const separator: Row = { label: '', kind: vscode.QuickPickItemKind.Separator };
  return [
    ...stateRows(view),
    separator,
    { label: '$(sparkle) Trigger Completion', command: commandIds.trigger },
    enable['*'] === false
      ? { label: '$(pass) Enable', command: commandIds.enable }
      : { label: '$(circle-slash) Disable', command: commandIds.disable },
    ...(language === undefined ? [] : [languageRow(language, isOn(enable, language))]),
    separator,
    { label: '$(list-tree) Open Completion Trace', command: commandIds.openTrace },
    { label: '$(chip) Choose Model…', command: commandIds.chooseModel },
    { label: '$(graph-line) Show Statistics', command: commandIds.showStatistics },
    { label: '$(graph) Run Benchmark…', command: commandIds.runBenchmark },
    { label: '$(output) Show Log', command: commandIds.showLog },
    { label: '$(debug-restart) Restart Server', command: commandIds.restart },
    { label: '$(settings-gear) Open Settings', command: commandIds.openSettings },
  ];
}

/** Choosing one of these leads to the details, which are in the log, and of the last request in the trace. */
function stateRows(view: StatusView): Row[] {
  const command = commandIds.showLog;
  const [detail = '', ...more] = wrap(view.reason, rowLength);
  const description = view.model ?? '';
  return [
    { label: view.text, description, detail, command },
    ...more.map((line) => ({ label: line, command })),
    ...(view.last
      ? [{ label: '$(history) Last request', description: view.last, command: commandIds.openTrace }]
      : []),
  ];
}

const languageRow = (language: string, on: boolean): Row =>
  on
    ? { label: `$(circle-slash) Disable for ${language}`, command: commandIds.disableLanguage }
    : { label: `$(pass) Enable for ${language}`, command: commandIds.enableLanguage };
