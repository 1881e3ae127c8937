import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ResidentMemory {
  readonly nowMiB: number;
  /** The most that it ever was, where the system tells. */
  readonly peakMiB?: number;
}

/** Resident memory of a running process. */
export function residentMemory(pid: number): ResidentMemory {
  if (process.platform === 'linux') {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return { nowMiB: field(status, 'VmRSS'), peakMiB: field(status, 'VmHWM') };
  }
  if (process.platform === 'win32') {
    const command = `(Get-Process -Id ${pid}).WorkingSet64`;
    const bytes = Number(
      execFileSync('powershell', ['-NoProfile', '-Command', command], { encoding: 'utf8' }),
    );
    return { nowMiB: bytes / 2 ** 20 };
  }
  return {
    nowMiB: Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024,
  };
}

function field(status: string, name: string): number {
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}
