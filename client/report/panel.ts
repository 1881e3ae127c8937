import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { BenchAnswer } from '../../server/protocol';
import { reportHtml } from './html';
import type { PageMessage, ReportMessage } from './messages';

/** Opens a report beside the user's files. It is gone after a reload of the window: exports keep it. */
export function showReport(answer: BenchAnswer, extensionUri: vscode.Uri): void {
  const dist = vscode.Uri.joinPath(extensionUri, 'dist');
  const panel = vscode.window.createWebviewPanel(
    'slipstream.benchmark',
    'Slipstream Benchmark',
    vscode.ViewColumn.Active,
    { enableScripts: true, localResourceRoots: [dist] },
  );
  const { webview } = panel;
  const address = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(dist, file)).toString();
  // The page is made anew whenever it has been hidden, and asks again.
  webview.onDidReceiveMessage((message: PageMessage) => {
    if (message === 'ready') void webview.postMessage({ answer } satisfies ReportMessage);
    else void actions[message]?.(answer);
  });
  webview.html = reportHtml({
    script: address('report.js'),
    style: address('report.css'),
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString('hex'),
  });
}

const actions: Readonly<Record<Exclude<PageMessage, 'ready'>, (answer: BenchAnswer) => Promise<void>>> = {
  async copyMarkdown({ markdown }) {
    await vscode.env.clipboard.writeText(markdown);
    vscode.window.setStatusBarMessage('Slipstream: the report is in the clipboard', 5000);
  },
  exportMarkdown: ({ markdown }) => save(markdown, { Markdown: ['md'] }, 'slipstream-benchmark.md'),
  exportJson: ({ reports }) =>
    save(`${JSON.stringify(reports, null, 2)}\n`, { JSON: ['json'] }, 'slipstream-benchmark.json'),
};

async function save(text: string, filters: Record<string, string[]>, name: string): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const defaultUri = vscode.Uri.joinPath(folder, name);
  const file = await vscode.window.showSaveDialog({ defaultUri, filters, title: 'Export Benchmark Report' });
  if (file === undefined) return;
  try {
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
    vscode.window.setStatusBarMessage(`Slipstream: the report is in ${file.fsPath}`, 5000);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(`The report cannot be written to ${file.fsPath}: ${why}`);
  }
}
