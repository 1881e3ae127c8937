import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Reads memory from several threads at once. */
export interface MemoryReader {
  /** Reads `bytes` in all, each thread its share once. */
  readonly bytes: number;
  read(): Promise<void>;
  release(): Promise<void>;
}

/**
 * A worker searches its buffer for a byte that is not in it: libc's memchr, vectorised and prefetch-friendly,
 * so the time is that of streaming the buffer from memory. Larger than any last-level cache.
 */
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const buffer = Buffer.alloc(workerData, 1);
parentPort.on('message', () => parentPort.postMessage(buffer.indexOf(2)));
parentPort.postMessage('ready');
`;

export async function startMemoryReader(threads: number): Promise<MemoryReader> {
  const share = Math.floor((512 * 2 ** 20) / threads);
  const workers = Array.from(
    { length: threads },
    () => new Worker(program, { eval: true, workerData: share }),
  );
  const answer = (worker: Worker) => once(worker, 'message');
  await Promise.all(workers.map(answer));
  return {
    bytes: share * threads,
    async read() {
      const answers = workers.map(answer);
      for (const worker of workers) worker.postMessage('read');
      await Promise.all(answers);
    },
    async release() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
