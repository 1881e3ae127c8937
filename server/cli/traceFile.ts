import { writeFileSync } from 'node:fs';
import type { FinishedRequest } from '../completion/finished';
import { renderTrace } from '../trace/render';
import { CliFailure } from './failure';
import { whyUnreadable } from './source';

/** The flag of commands that can tell what their completions were made of. */
export interface TraceFlag {
  trace?: string;
}

/**
 * Writes what completions were made of, as the editor's Open Completion Trace shows it.
 * @throws CliFailure if the file cannot be written
 */
export function writeTrace(file: string, requests: readonly FinishedRequest[]): void {
  try {
    writeFileSync(file, renderTrace(requests));
  } catch (error) {
    const isNowhere = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = isNowhere ? 'there is no such folder' : whyUnreadable(error);
    throw new CliFailure(`${file} cannot be written: ${why}; name another file with --trace.`, {
      cause: error,
    });
  }
}
