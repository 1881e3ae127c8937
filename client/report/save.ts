import { homedir } from 'node:os';
import * as vscode from 'vscode';

/** Asks for a file and writes a text to it; `name` is proposed, in the folder that is open. */
export async function saveAs(
  what: string,
  text: string,
  filters: Record<string, string[]>,
  name: string,
): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const defaultUri = vscode.Uri.joinPath(folder, name);
  const file = await vscode.window.showSaveDialog({ defaultUri, filters, title: `Export ${what}` });
  if (file === undefined) return;
  try {
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
    vscode.window.setStatusBarMessage(`Slipstream: exported to ${file.fsPath}`, 5000);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    void vscode.window.showErrorMessage(`${what} cannot be written to ${file.fsPath}: ${why}`);
  }
}
