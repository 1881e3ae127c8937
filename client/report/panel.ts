import * as vscode from 'vscode';
import type { BenchAnswer } from '../../server/protocol';
import type { PageMessage, ReportMessage } from './messages';
import { openPage } from './page';
import { saveAs } from './save';

/** Opens a report beside the user's files; exports keep it. */
export function showReport(answer: BenchAnswer, extensionUri: vscode.Uri): void {
  openPage({
    viewType: 'slipstream.benchmark',
    title: 'Slipstream Benchmark',
    extensionUri,
    asked(message, webview) {
      if (message === 'ready') return webview.postMessage({ answer } satisfies ReportMessage);
      return actions[message]?.(answer);
    },
  });
}

const actions: Readonly<Partial<Record<PageMessage, (answer: BenchAnswer) => Promise<void>>>> = {
  async copyMarkdown({ markdown }) {
    await vscode.env.clipboard.writeText(markdown);
    vscode.window.setStatusBarMessage('Slipstream: the report is in the clipboard', 5000);
  },
  exportMarkdown: ({ markdown }) =>
    saveAs('Benchmark Report', markdown, { Markdown: ['md'] }, 'slipstream-benchmark.md'),
  exportJson: ({ reports }) =>
    saveAs(
      'Benchmark Report',
      `${JSON.stringify(reports, null, 2)}\n`,
      { JSON: ['json'] },
      'slipstream-benchmark.json',
    ),
};
