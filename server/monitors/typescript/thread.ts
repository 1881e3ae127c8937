import { Worker } from 'node:worker_threads';
import type { MonitorAnswer } from '../../../engine/index';
import type { Declared } from '../analyst';
import type { Around, AskedPlace, FromAnalysis, ToAnalysis } from './worker';

export interface ThreadOptions {
  /** The bundled `analysisWorker.js`. */
  readonly workerPath: string;
  /** Memory of the thread, in MiB. */
  readonly megabytes: () => number;
  readonly log: (line: string) => void;
  /** A thread that works for longer at one program is ended; two minutes where left out. */
  readonly hangMs?: number;
}

/** The thread of the TypeScript analysis, which runs when it is needed. */
export interface AnalysisThread {
  /** Sets the text of an open document; undefined closes it. */
  setText(fileName: string, text: string | undefined): void;
  /**
   * Answers about places of one text, one call at a time.
   * @throws Error that says why there are no answers
   */
  ask(
    fileName: string,
    before: string,
    after: string,
    places: readonly AskedPlace[],
  ): Promise<readonly MonitorAnswer[]>;
  /** What code around a place of a text builds on; one call at a time. It throws as `ask` does. */
  signatures(fileName: string, text: string, around: Around): Promise<readonly Declared[]>;
  stop(): Promise<void>;
}

/** Without a question for so long the thread ends: it holds a whole program in memory. */
const idleMs = 10 * 60_000;
/** One that dies more often stays ended: most likely the project is larger than its memory. */
const mostDeaths = 3;
/** Every program is thrown away for the next one: garbage of this size needs no slow collection. */
const maxYoungGenerationSizeMb = 64;
/** The compiler goes from a file to what it imports by recursion; a chain of 10,000 files is too long for the usual 4 MiB. */
const stackSizeMb = 64;

export function createThread({
  workerPath,
  megabytes,
  log,
  hangMs = 120_000,
}: ThreadOptions): AnalysisThread {
  const texts = new Map<string, string>();
  let worker: Worker | undefined;
  let deaths = 0;
  /** The limit of its memory, in MiB, once it was asked something. */
  let given = 0;
  let idle: NodeJS.Timeout | undefined;

  const start = (): Worker => {
    const resourceLimits = { maxOldGenerationSizeMb: given, maxYoungGenerationSizeMb, stackSizeMb };
    const started = new Worker(workerPath, { resourceLimits });
    started.unref();
    // Comes behind an error, too.
    started.once('exit', () => {
      if (worker === started) worker = undefined;
    });
    for (const [fileName, text] of texts)
      started.postMessage({ type: 'text', fileName, text } satisfies ToAnalysis);
    return started;
  };

  const died = (why: string): Error => {
    deaths++;
    log(`The TypeScript analysis ended: ${why}`);
    return new Error(`The analysis ended: ${why}`);
  };

  const stop = async (): Promise<void> => {
    clearTimeout(idle);
    const ending = worker;
    worker = undefined;
    await ending?.terminate();
  };

  /** What was too large for its memory may fit another limit: it begins again. */
  const limit = (most: number): void => {
    if (most === given) return;
    given = most;
    deaths = 0;
    void stop();
  };

  const request = (message: Exclude<ToAnalysis, { type: 'text' }>): Promise<FromAnalysis> => {
    limit(megabytes());
    if (deaths >= mostDeaths)
      return Promise.reject(
        new Error(
          `The analysis has ended ${deaths} times; see the log for why, then raise slipstream.analysisMegabytes or choose Restart Server.`,
        ),
      );
    worker ??= start();
    const asked = worker;
    clearTimeout(idle);
    idle = setTimeout(() => void stop(), idleMs).unref();
    return new Promise<FromAnalysis>((resolve, reject) => {
      const answered = (answer: FromAnalysis) => end(() => resolve(answer));
      const failed = (error: Error) => end(() => reject(died(error.message)));
      const exited = () => end(() => reject(new Error('The analysis was stopped.')));
      const hung = setTimeout(() => {
        end(() => reject(died(`it worked at ${message.fileName} for more than ${hangMs / 1000} s.`)));
        void stop();
      }, hangMs).unref();
      const end = (settle: () => void) => {
        clearTimeout(hung);
        asked.off('message', answered).off('error', failed).off('exit', exited);
        settle();
      };
      asked.once('message', answered).once('error', failed).once('exit', exited);
      asked.postMessage(message);
    });
  };

  return {
    setText(fileName, text) {
      if (text === undefined) texts.delete(fileName);
      else texts.set(fileName, text);
      worker?.postMessage({ type: 'text', fileName, text } satisfies ToAnalysis);
    },
    async ask(fileName, before, after, places) {
      return (await request({ type: 'ask', fileName, before, after, places })).answers ?? [];
    },
    async signatures(fileName, text, around) {
      return (await request({ type: 'outline', fileName, text, around })).signatures ?? [];
    },
    stop,
  };
}
