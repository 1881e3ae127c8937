import { Worker } from 'node:worker_threads';
import { SlipstreamError } from '../errors';
import type { EngineOptions } from './engine';
import { createFlagMemory, flagsIn } from './flags';
import type { FromWorker, ToWorker, WorkerData } from './messages';

/** The way to whoever computes: a thread of this process, or another process. */
export interface Channel {
  post(message: ToWorker): void;
  /** From now on; what came before is lost. */
  listen(listener: (message: FromWorker) => void): void;
  /** Stops a request at its next pass: a message would wait behind the one that runs. */
  cancel(id: number): void;
  /** Stops everything at the next pass. */
  end(): void;
  /** Ends it whatever it does; for one that has nothing more to do. */
  terminate(): Promise<unknown>;
  /** When anybody who shares it has asked for something, by `performance.now()`; only where others do. */
  askedAt?(): number;
  /** Resolves with the reason once it has ended, whatever ended it. */
  readonly died: Promise<SlipstreamError>;
}

/** Much longer than a pass takes, and short enough for somebody who waits for the process to end. */
const longestPassMs = 1000;

function stopped(why: string, cause?: unknown): SlipstreamError {
  return new SlipstreamError(
    'worker-crashed',
    `The inference worker stopped because ${why}; restart the server, and report it with the log if it happens again.`,
    { cause },
  );
}

/** A worker thread that loads the model at once. */
export function openThread(options: EngineOptions, rowsPerPass: number | undefined): Channel {
  const memory = createFlagMemory();
  const workerData: WorkerData = { options, rowsPerPass, flags: memory };
  const worker = new Worker(options.workerPath, { workerData });
  const flags = flagsIn(memory);
  const died = new Promise<SlipstreamError>((resolve) => {
    worker.once('error', (error) => resolve(stopped(`of "${error.message}"`, error)));
    worker.once('exit', (code) => resolve(stopped(`it exited with code ${code}`)));
  });
  // A thread that is ended in the middle of a forward pass aborts the whole process ("terminate called after
  // throwing an instance of 'Napi::Error'"): whoever calls process.exit waits for the end of the running pass.
  const beforeExit = () => flags.endAndWait(longestPassMs);
  process.once('exit', beforeExit);
  void died.then(() => process.off('exit', beforeExit));
  return {
    post: (message) => worker.postMessage(message),
    listen: (listener) => void worker.on('message', listener),
    cancel: flags.cancel,
    end: flags.end,
    terminate: () => worker.terminate(),
    died,
  };
}
