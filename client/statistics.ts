import * as vscode from 'vscode';
import type { PageMessage, ReportMessage } from './report/messages';
import { openPage } from './report/page';
import { saveAs } from './report/save';
import type { ServerRequests } from './serverRequests';
import { told } from './told';

/** What a person can do with the statistics, which are kept on this machine only. */
export interface StatisticsCommands {
  show(): Promise<void>;
  reset(): Promise<void>;
  export(): Promise<void>;
}

export function createStatistics(server: ServerRequests, extensionUri: vscode.Uri): StatisticsCommands {
  let panel: vscode.WebviewPanel | undefined;

  const send = async () => {
    const { page: statistics } = await server.statistics();
    await panel?.webview.postMessage({ statistics } satisfies ReportMessage);
  };

  const reset = async () => {
    const choice = await vscode.window.showWarningMessage(
      'Forget all statistics of Slipstream on this machine?',
      { modal: true, detail: 'They cannot be had back; Export Statistics keeps them in a file.' },
      'Reset',
    );
    if (choice !== 'Reset') return;
    await server.resetStatistics();
    await send();
  };
  const exportJson = async () => {
    const { json } = await server.statistics();
    await saveAs('Statistics', json, { JSON: ['json'] }, 'slipstream-statistics.json');
  };

  const asked: Readonly<Partial<Record<PageMessage, () => Promise<void>>>> = {
    ready: send,
    refreshStatistics: send,
    exportStatistics: exportJson,
    resetStatistics: reset,
  };

  return {
    show: told(async () => {
      // No page for what cannot be had.
      await server.statistics();
      if (panel !== undefined) {
        panel.reveal();
        return send();
      }
      panel = openPage({
        viewType: 'slipstream.statistics',
        title: 'Slipstream Statistics',
        extensionUri,
        asked: (message) => told(async () => asked[message]?.())(),
      });
      panel.onDidDispose(() => {
        panel = undefined;
      });
    }),
    reset: told(reset),
    export: told(exportJson),
  };
}
