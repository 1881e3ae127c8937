import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { reportHtml } from './html';
import type { PageMessage } from './messages';

export interface PageOptions {
  /** Names the kind of view to the editor. */
  readonly viewType: string;
  readonly title: string;
  readonly extensionUri: vscode.Uri;
  /** What the page asks for; `ready` comes whenever it was made anew, which happens after it has been hidden. */
  asked(message: PageMessage, webview: vscode.Webview): unknown;
}

/** Opens a page that draws what it is sent. It is gone after a reload of the window. */
export function openPage({ viewType, title, extensionUri, asked }: PageOptions): vscode.WebviewPanel {
  const dist = vscode.Uri.joinPath(extensionUri, 'dist');
  const panel = vscode.window.createWebviewPanel(viewType, title, vscode.ViewColumn.Active, {
    enableScripts: true,
    localResourceRoots: [dist],
  });
  const { webview } = panel;
  const address = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(dist, file)).toString();
  webview.onDidReceiveMessage((message: PageMessage) => asked(message, webview));
  webview.html = reportHtml({
    title,
    script: address('report.js'),
    style: address('report.css'),
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString('hex'),
  });
  return panel;
}
