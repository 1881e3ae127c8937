import * as vscode from 'vscode';
import { reporterOf } from './progress';
import type { ServerRequests } from './serverRequests';
import { told } from './told';

/** Learns from the workspace's source when the model is unsure, with progress that can be cancelled, and tells the result. */
export const runCalibration = told(async (server: ServerRequests) => {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: 'Slipstream calibration',
    cancellable: true,
  };
  const answer = await vscode.window.withProgress(options, (progress, token) =>
    server.calibrate(reporterOf(progress), token),
  );
  if (answer === null) return;
  const share = (100 * answer.shareUnsure).toFixed(1);
  void vscode.window.showInformationMessage(
    `Slipstream is calibrated: the model counts as unsure from ${answer.threshold.toFixed(2)} nats on (before: ${answer.previous.toFixed(2)}), which is at ${share} % of ${answer.tokens} tokens of this workspace.`,
  );
});
