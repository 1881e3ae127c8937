import { readFile } from 'node:fs/promises';

/** @returns resident bytes of a process, or undefined where that cannot be known (not Linux, or it has ended) */
export async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    // There is no /proc, or no such process any more: nothing to limit.
    return undefined;
  }
}
