import * as vscode from 'vscode';

/** Schemes of the documents that the server is told of. */
export const schemes = ['file', 'untitled', 'vscode-notebook-cell', 'vscode-remote', 'vscode-vfs'];

export const isKnownToServer = ({ uri }: vscode.TextDocument): boolean => schemes.includes(uri.scheme);

/** The language that can be switched on and off here; undefined outside of an editor of source. */
export function activeLanguage(): string | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document && isKnownToServer(document) ? document.languageId : undefined;
}
