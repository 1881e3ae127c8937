import * as vscode from 'vscode';
import type { ServerRequests } from './serverRequests';

/** Who scrolls through a file has not looked at it yet. */
const restMs = 1000;
/** Lines from the place that was told last within which another is the same. */
const nearby = 32;

/** Tells the server which lines of a document are looked at, when the editor has rested there for a moment. */
export function followViews(server: ServerRequests): vscode.Disposable {
  const told = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  const tell = (editor: vscode.TextEditor, isAnother: boolean) => {
    const [first] = editor.visibleRanges;
    const last = editor.visibleRanges.at(-1);
    if (first === undefined || last === undefined) return;
    const { line, character } = editor.selection.active;
    const lines = { first: first.start.line, last: last.end.line, caret: { line, character } };
    const middle = (lines.first + lines.last) / 2;
    const key = editor.document.uri.toString();
    const before = told.get(key);
    if (!isAnother && before !== undefined && Math.abs(before - middle) < nearby) return;
    told.set(key, middle);
    server.viewed(editor.document.uri, lines);
  };

  let wasAnother = false;
  const rest = (editor: vscode.TextEditor | undefined, isAnother: boolean) => {
    clearTimeout(timer);
    // Another editor scrolls as it comes to the front.
    wasAnother ||= isAnother;
    if (editor === undefined) return;
    timer = setTimeout(() => {
      tell(editor, wasAnother);
      wasAnother = false;
    }, restMs);
  };

  const subscriptions = vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor((editor) => rest(editor, true)),
    vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
      // Others scroll by themselves, as the output does.
      if (textEditor === vscode.window.activeTextEditor) rest(textEditor, false);
    }),
    // What is opened again may have changed in the meantime.
    vscode.workspace.onDidCloseTextDocument(({ uri }) => void told.delete(uri.toString())),
  );
  rest(vscode.window.activeTextEditor, true);
  return {
    dispose() {
      clearTimeout(timer);
      subscriptions.dispose();
    },
  };
}
