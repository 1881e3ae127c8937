import * as vscode from 'vscode';
import type { LanguageServer } from './languageServer';
import { reporterOf } from './progress';

/** Learns from the workspace's source when the model is unsure, with progress that can be cancelled, and tells the result. */
export async function runCalibration(server: LanguageServer): Promise<void> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: 'Slipstream calibration',
    cancellable: true,
  };
  try {
    const answer = await vscode.window.withProgress(options, (progress, token) =>
      server.calibrate(reporterOf(progress), token),
    );
    if (answer === undefined) throw new Error('The language server is not running; choose Restart Server.');
    if (answer === null) return;
    const share = (100 * answer.shareUnsure).toFixed(1);
    void vscode.window.showInformationMessage(
      `Slipstream is calibrated: the model counts as unsure from ${answer.threshold.toFixed(2)} nats on (before: ${answer.previous.toFixed(2)}), which is at ${share} % of ${answer.tokens} tokens of this workspace.`,
    );
  } catch (error) {
    // Somebody has asked for it and waits: the status item would not be noticed.
    void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
  }
}
