import type { Connection } from 'vscode-languageserver/node';

/** Goes to `window/logMessage`, which editors put in an output channel: nothing ever pops up. */
export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

export function connectionLog(connection: Connection): Log {
  return {
    info: (message) => connection.console.info(message),
    warn: (message) => connection.console.warn(message),
    error: (message) => connection.console.error(message),
  };
}
