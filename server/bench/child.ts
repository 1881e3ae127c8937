import { fork } from 'node:child_process';
import path from 'node:path';
import type { BenchMessage } from './message';
import type { SuiteName } from './names';
import { type BenchReport, machine } from './report';

const mostToLeaveMs = 2000;

/**
 * Measures one suite with `dist/cli.js` in a process of its own: what serves completions would disturb the measurement, and
 * a suite that takes its process down takes nothing else with it.
 * @param flags of `slipstream bench`
 * @returns undefined if `signal` aborted, which ends the process
 */
export function runSuite(
  suite: SuiteName,
  flags: readonly string[],
  signal: AbortSignal,
  progress: (line: string) => void,
): Promise<BenchReport | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    // Without this process's own Node flags: a debugger's port, for one, can be had only once.
    const child = fork(path.join(__dirname, 'cli.js'), ['bench', suite, ...flags], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let report: BenchReport | undefined;
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk).slice(-2000);
    });
    child.on('message', (message: BenchMessage) => {
      if (message.kind === 'progress') progress(message.line);
      else report = message.report;
    });
    // It leaves when its channel closes, and removes what it was working on; a long step keeps it from hearing that.
    const stop = () => {
      if (child.connected) child.disconnect();
      setTimeout(() => child.kill('SIGKILL'), mostToLeaveMs).unref();
    };
    signal.addEventListener('abort', stop);
    const end = (why: string) => {
      signal.removeEventListener('abort', stop);
      resolve(report ?? { suite, machine: machine(), rows: [], notes: [], failure: why });
    };
    child.once('error', (error) => end(`The process that measures did not start: ${error.message}`));
    // Its streams may stay open for as long as a process that it has started itself.
    child.once('exit', () => signal.aborted && resolve(undefined));
    child.once('close', (code, killedBy) => {
      const last = errors.trim().split('\n').at(-1) ?? '';
      end(`The process that measures ended with ${killedBy ?? `code ${code}`}${last && `: ${last}`}`);
    });
  });
}
