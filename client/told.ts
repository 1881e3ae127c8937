import * as vscode from 'vscode';

/** An action whose failure is told: somebody has asked for it and waits, and the status item would not be noticed. */
export const told =
  <Arguments extends unknown[]>(action: (...args: Arguments) => Promise<void>) =>
  async (...args: Arguments): Promise<void> => {
    try {
      await action(...args);
    } catch (error) {
      void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    }
  };
