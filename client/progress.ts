import type * as vscode from 'vscode';
import type { Progress } from './serverRequests';

/** Turns percentages into the increments that VS Code wants. */
export function reporterOf(
  progress: vscode.Progress<{ readonly message?: string; readonly increment?: number }>,
): Progress {
  let shown = 0;
  return (message, percentage) => {
    progress.report({ message, increment: percentage - shown });
    shown = percentage;
  };
}
