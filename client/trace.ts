import * as vscode from 'vscode';
import type { ServerRequests } from './serverRequests';
import { explainToken, parsePlaceLine, parseTokenLine } from './traceLine';

const scheme = 'slipstream-trace';
const language = 'slipstream-trace';
const uri = vscode.Uri.from({ scheme, path: '/Completions.slipstream-trace' });

/** Requests come with every key; a text that is read need not change that often. */
const renewAfterMs = 500;

export interface Trace extends vscode.Disposable {
  /** Opens it beside what is being written. */
  open(): Promise<void>;
  /** There is something new to show. */
  renew(): void;
}

/** The trace of the last completions as a read-only document that keeps up, and what a reader of such documents expects. */
export function createTrace(server: ServerRequests): Trace {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  let timer: NodeJS.Timeout | undefined;
  const isOpen = () =>
    vscode.workspace.textDocuments.some((document) => document.uri.toString() === uri.toString());

  const registered = vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: async () =>
        (await server.trace())?.text ?? '# The language server is not running; choose Restart Server.\n',
    }),
    vscode.languages.registerHoverProvider(language, { provideHover }),
    vscode.languages.registerDocumentLinkProvider(language, { provideDocumentLinks }),
  );

  return {
    async open() {
      changed.fire(uri);
      const document = await vscode.workspace.openTextDocument(uri);
      // Beside nothing there would be half an empty window.
      const beside = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
      await vscode.window.showTextDocument(document, {
        viewColumn: columnOf(uri) ?? beside,
        preview: false,
      });
    },
    renew() {
      if (!isOpen()) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        changed.fire(uri);
      }, renewAfterMs);
    },
    dispose() {
      clearTimeout(timer);
      registered.dispose();
    },
  };
}

/** Of the tab that shows it already. */
const columnOf = (shown: vscode.Uri): vscode.ViewColumn | undefined =>
  vscode.window.tabGroups.all.find(({ tabs }) =>
    tabs.some(
      ({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === shown.toString(),
    ),
  )?.viewColumn;

function provideHover(document: vscode.TextDocument, { line }: vscode.Position): vscode.Hover | undefined {
  const { text, range } = document.lineAt(line);
  const token = parseTokenLine(text);
  return token && new vscode.Hover(new vscode.MarkdownString(explainToken(token)), range);
}

function provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
  const links: vscode.DocumentLink[] = [];
  for (let line = 0; line < document.lineCount; line++) {
    const place = parsePlaceLine(document.lineAt(line).text);
    if (place === undefined) continue;
    const range = new vscode.Range(line, place.start, line, place.end);
    const link = new vscode.DocumentLink(range, vscode.Uri.parse(place.uri));
    link.tooltip = 'Go to where it was asked';
    links.push(link);
  }
  return links;
}
