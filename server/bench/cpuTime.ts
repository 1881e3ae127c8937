import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Of Linux on every machine that Node runs on. */
const ticksPerSecond = 100;

/** Seconds of processor time that a running process and those it has started have taken, all threads and cores together. */
export function cpuSeconds(pid: number): number {
  if (process.platform === 'linux') {
    const own = statOf(pid);
    if (own === undefined) return 0;
    const children = processIds().filter((id) => statOf(id)?.parent === pid);
    return own.seconds + children.reduce((sum, child) => sum + cpuSeconds(child), 0);
  }
  if (process.platform === 'win32') {
    const command = `(Get-Process -Id ${pid}).TotalProcessorTime.TotalSeconds.ToString([cultureinfo]::InvariantCulture)`;
    return Number(execFileSync('powershell', ['-NoProfile', '-Command', command], { encoding: 'utf8' }));
  }
  return secondsOf(execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' }));
}

const processIds = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Undefined where the process has ended. */
function statOf(pid: number): { readonly parent: number; readonly seconds: number } | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name before it, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond };
}

/** Of `ps`: `[hours:]minutes:seconds`, with a fraction or without. */
export function secondsOf(time: string): number {
  return time
    .trim()
    .split(':')
    .reduce((sum, part) => 60 * sum + Number(part), 0);
}
