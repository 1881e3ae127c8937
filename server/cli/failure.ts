import { messageOf } from '../engine/messages';

/** Exit codes are a contract: other tools tell a failed request from a wrong call by them. */
export const exitCode = { success: 0, failure: 1, usage: 2, interrupted: 130 } as const;

/** A request that cannot be served. The message says in one sentence what failed, why, and what to do. */
export class CliFailure extends Error {
  override name = 'CliFailure';
}

/** What goes to stderr for a failure: always one line. */
export function failureLine(error: unknown): string {
  const message = error instanceof CliFailure ? error.message : messageOf(error);
  return message.replace(/\s*[\r\n]+\s*/g, ' ').trim();
}
