import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';

/**
 * Removes a path when `use` is done with it, and also where this process exits before: whoever cancels a benchmark ends its process.
 */
export async function withScratch<T>(path: string, use: () => Promise<T>): Promise<T> {
  const atExit = () => {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Windows removes nothing that is still open.
    }
  };
  process.once('exit', atExit);
  try {
    return await use();
  } finally {
    process.off('exit', atExit);
    await rm(path, { recursive: true, force: true });
  }
}

/** Ends a process that we started where this one exits, before what it works on is removed. */
export function endsWithUs(child: ChildProcess): void {
  const end = () => child.kill('SIGKILL');
  process.prependOnceListener('exit', end);
  child.once('exit', () => process.off('exit', end));
}
