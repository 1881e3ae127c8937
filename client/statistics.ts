import * as vscode from 'vscode';
import type { StatisticsAnswer } from '../server/protocol';
import type { LanguageServer } from './languageServer';
import type { PageMessage, ReportMessage } from './report/messages';
import { openPage } from './report/page';
import { saveAs } from './report/save';

/** What a person can do with the statistics, which are kept on this machine only. */
export interface StatisticsCommands {
  show(): Promise<void>;
  reset(): Promise<void>;
  export(): Promise<void>;
}

export function createStatistics(server: LanguageServer, extensionUri: vscode.Uri): StatisticsCommands {
  let panel: vscode.WebviewPanel | undefined;

  const read = async (): Promise<StatisticsAnswer> => {
    const answer = await server.statistics();
    if (answer === undefined) throw new Error('The language server is not running; choose Restart Server.');
    return answer;
  };
  const send = async () => {
    const { page } = await read();
    await panel?.webview.postMessage({ statistics: page } satisfies ReportMessage);
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
    const { json } = await read();
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
      await read();
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

/** Somebody has asked for it and waits: the status item would not be noticed. */
const told = (action: () => Promise<void>) => async () => {
  try {
    await action();
  } catch (error) {
    void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
  }
};
