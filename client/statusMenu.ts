import * as vscode from 'vscode';
import { commandIds } from './commandIds';
import type { StatusView } from './statusView';

interface Row extends vscode.QuickPickItem {
  readonly command?: string;
}

/** What a click on the status item opens: the state with its reason first, then what can be done. */
export async function showStatusMenu(view: StatusView, language: string | undefined): Promise<void> {
  const chosen = await vscode.window.showQuickPick(menuRows(view, language), {
    title: 'Slipstream',
    placeHolder: 'Inline completion from a model on this machine',
    matchOnDescription: true,
  });
  if (chosen?.command) await vscode.commands.executeCommand(chosen.command);
}

function menuRows(view: StatusView, language: string | undefined): Row[] {
  const separator: Row = { label: '', kind: vscode.QuickPickItemKind.Separator };
  return [
    // Choosing the reason leads to its details.
    {
      label: `${view.icon} Slipstream is ${view.state}`,
      ...(view.model && { description: view.model }),
      detail: view.reason,
      command: commandIds.showLog,
    },
    ...(view.last
      ? [{ label: '$(history) Last request', description: view.last, command: commandIds.showLog }]
      : []),
    separator,
    { label: '$(sparkle) Trigger Completion', command: commandIds.trigger },
    { label: '$(pass) Enable', command: commandIds.enable },
    { label: '$(circle-slash) Disable', command: commandIds.disable },
    ...(language
      ? [
          { label: `$(pass) Enable for ${language}`, command: commandIds.enableLanguage },
          { label: `$(circle-slash) Disable for ${language}`, command: commandIds.disableLanguage },
        ]
      : []),
    separator,
    { label: '$(output) Show Log', command: commandIds.showLog },
    { label: '$(debug-restart) Restart Server', command: commandIds.restart },
    { label: '$(settings-gear) Open Settings', command: commandIds.openSettings },
  ];
}
