import * as vscode from 'vscode';
import { type Status, type StatusView, viewStatus } from './statusView';

/** Requests come with every keystroke; an item that changes for each of them would flicker. */
const showWorkingAfterMs = 250;

export interface StatusItem extends vscode.Disposable {
  /** As it is drawn now. */
  readonly view: StatusView;
  update(change: Partial<Status>): void;
}

/** The status item; a click runs `command`. It is drawn in one place, `draw`. */
export function createStatusItem(command: string): StatusItem {
  const item = vscode.window.createStatusBarItem('slipstream.status', vscode.StatusBarAlignment.Right, 100);
  item.name = 'Slipstream';
  item.command = command;
  let status: Status = { server: { state: 'starting', reason: 'The language server is starting.' } };
  let drawn = viewStatus(status);
  let pending: NodeJS.Timeout | undefined;

  const draw = () => {
    pending = undefined;
    const view = viewStatus(status);
    drawn = view;
    item.text = view.text;
    item.tooltip = [
      `Slipstream is ${view.state}: ${view.reason}`,
      view.model,
      view.last && `Last request: ${view.last}`,
    ]
      .filter((line) => line)
      .join('\n');
    item.accessibilityInformation = { label: view.accessibilityLabel, role: 'button' };
    item.backgroundColor =
      view.state === 'failed' ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    item.show();
  };
  draw();

  return {
    get view() {
      return drawn;
    },
    update(change) {
      status = { ...status, ...change };
      if (viewStatus(status).state === 'working') pending ??= setTimeout(draw, showWorkingAfterMs);
      else {
        clearTimeout(pending);
        draw();
      }
    },
    dispose() {
      clearTimeout(pending);
      item.dispose();
    },
  };
}
