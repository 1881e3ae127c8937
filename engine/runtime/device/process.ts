import { type ChildProcess, fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { SlipstreamError } from '../../errors';
import type { Channel } from '../channel';
import type { EngineOptions } from '../engine';
import type { FromWorker, ToWorker } from '../messages';

/** What a process that hosts an engine is told. */
export type ToProcess =
  | {
      readonly type: 'start';
      readonly options: EngineOptions;
      readonly rowsPerPass: number | undefined;
    }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'end' }
  | { readonly type: 'pass-on'; readonly message: ToWorker };

/** Lines at the end of what a process wrote before it died: the driver's own words. */
const keptCharacters = 600;

/** Starts a bundle that lies beside the worker's, in a process of its own. */
export function forkBeside(
  { workerPath }: Pick<EngineOptions, 'workerPath'>,
  name: string,
): { readonly child: ChildProcess; readonly lastWords: () => string } {
  const child = fork(join(dirname(workerPath), name), [], {
    // Buffers and infinite deadlines are no JSON.
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let written = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    written = (written + text).slice(-keptCharacters);
  });
  return { child, lastWords: () => written.trim() };
}

/** How a process ended, as a part of a sentence. */
export const endOf = (code: number | null, signal: NodeJS.Signals | null) =>
  signal === null ? `exited with code ${code}` : `was ended by ${signal}`;

/**
 * An engine in a process of its own: what a driver does wrong ends that process, and no other. The messages are those of the
 * worker thread that runs in it.
 */
export function openProcess(options: EngineOptions, rowsPerPass: number | undefined): Channel {
  const { child, lastWords } = forkBeside(options, 'engineProcess.js');
  const died = new Promise<SlipstreamError>((resolve) => {
    const stopped = (why: string) =>
      resolve(
        new SlipstreamError(
          'device-lost',
          `The GPU stopped working, because its process ${why}; the processor takes over.`,
          { cause: new Error(lastWords()) },
        ),
      );
    child.once('error', (error) => stopped(`failed (${error.message})`));
    child.once('exit', (code, signal) => stopped(endOf(code, signal)));
  });
  const send = (message: ToProcess) => {
    // One that has just died hears nothing; `died` tells.
    if (child.connected) child.send(message, () => {});
  };
  send({ type: 'start', options, rowsPerPass });
  return {
    post: (message) => send({ type: 'pass-on', message }),
    listen: (listener) => void child.on('message', (message) => listener(message as FromWorker)),
    cancel: (id) => send({ type: 'cancel', id }),
    end: () => send({ type: 'end' }),
    async terminate() {
      child.kill();
      await died;
    },
    died,
  };
}
