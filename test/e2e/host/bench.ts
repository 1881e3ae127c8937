/**
 * Runs in an editor's extension host: how long the editor's own completions behind a dot take while Slipstream completes the
 * same document, with monitors and without, and while it is off. Writes the milliseconds into `editorFeatures.json`.
 */
import path from 'node:path';
import * as vscode from 'vscode';

const modes = ['none', 'off', 'on'] as const;
type Mode = (typeof modes)[number];
/** Milliseconds of each request, by round. */
export type EditorFeatures = Record<Mode, number[][]>;

const rounds = 9;
const requestsPerRound = 8;
/** Behind a change of settings the first ones do not count. */
const warmUps = 3;
/** About as long as between two keys. */
const pauseMs = 200;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function run(): Promise<void> {
  await vscode.extensions.getExtension('slipstream.slipstream')?.activate();
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (folder === undefined) throw new Error('no workspace is open');
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder, 'server/server.ts'));
  const editor = await vscode.window.showTextDocument(document);
  await beginLine(editor);

  const times: EditorFeatures = { none: [], off: [], on: [] };
  let request = 0;
  // The TypeScript server and the analysis read the project meanwhile.
  for (const mode of modes) {
    await change(mode);
    for (let i = 0; i < 3 * warmUps; i++) await measure(editor, request++);
  }
  for (let round = 0; round < rounds; round++) {
    for (const mode of [...modes.slice(round % modes.length), ...modes.slice(0, round % modes.length)]) {
      await change(mode);
      for (let i = 0; i < warmUps; i++) await measure(editor, request++);
      const measured: number[] = [];
      for (let i = 0; i < requestsPerRound; i++) measured.push(await measure(editor, request++));
      times[mode].push(measured);
    }
  }
  const file = vscode.Uri.joinPath(folder, 'editorFeatures.json');
  await vscode.workspace.fs.writeFile(file, Buffer.from(JSON.stringify(times)));
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
}

/** A line at the end of a function, whose last dot is typed anew for every request. */
async function beginLine(editor: vscode.TextEditor): Promise<void> {
  const { document } = editor;
  const end = document.positionAt(document.getText().indexOf('  connection.listen();'));
  await editor.edit((edit) => edit.insert(end, '  // 0\n  context.\n'));
  const caret = document.lineAt(end.line + 1).range.end;
  editor.selection = new vscode.Selection(caret, caret);
}

async function change(mode: Mode): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('slipstream');
  const { Global } = vscode.ConfigurationTarget;
  await configuration.update('enable', mode === 'none' ? { '*': false } : undefined, Global);
  await configuration.update('without', mode === 'off' ? ['monitor'] : undefined, Global);
  await pause(500);
}

/** Types a dot, which makes the editor ask for ghost text, and asks for the completions of the suggestion list. */
async function measure(editor: vscode.TextEditor, request: number): Promise<number> {
  const { document } = editor;
  const comment = document.lineAt(editor.selection.active.line - 1).range;
  // No request is about a text that there was before.
  await editor.edit((edit) => edit.replace(comment, `  // ${request}`));
  await vscode.commands.executeCommand('deleteLeft');
  await vscode.commands.executeCommand('type', { text: '.' });
  const started = performance.now();
  const found = await vscode.commands.executeCommand<vscode.CompletionList>(
    'vscode.executeCompletionItemProvider',
    document.uri,
    editor.selection.active,
    '.',
  );
  const ms = performance.now() - started;
  const names = found.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
  if (!names.includes('documents'))
    throw new Error(`${path.basename(document.fileName)}: the members of the receiver are not listed`);
  await pause(pauseMs);
  return ms;
}
