import { createInterface } from 'node:readline/promises';
import { CliFailure } from './failure';

/**
 * Asks on the terminal; nothing but yes is agreement.
 * @param command named where there is no terminal to ask on
 */
export async function confirm(question: string, command: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new CliFailure(
      `Nothing was done because there is no terminal to ask for your agreement; call ${command} with --yes.`,
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // On a terminal the keys come here first: Ctrl+C must end the command all the same.
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal })).trim());
  } finally {
    terminal.close();
  }
}
