import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { MonitorAnswer } from '../../../engine/index';
import type { Analyst, Hypothesis } from '../analyst';
import { triggersOf } from './triggers';
import type { FromAnalysis, ToAnalysis } from './worker';

export interface OpenDocument {
  readonly uri: string;
  readonly version: number;
  getText(): string;
}

export interface TypeScriptOptions {
  /** The bundled `analysisWorker.js`. */
  readonly workerPath: string;
  /** What an editor has open, also where it is not saved. */
  readonly openDocuments: () => readonly OpenDocument[];
  /** Memory of the worker, in MiB. */
  readonly megabytes: () => number;
  readonly log: (line: string) => void;
}

/** Without a question for so long the worker ends: it holds a whole program in memory. */
const idleMs = 10 * 60_000;
/** A worker that dies more often stays ended: most likely the project is larger than its memory. */
const mostDeaths = 3;

interface Running {
  readonly worker: Worker;
  readonly pending: Map<number, (answer: MonitorAnswer) => void>;
  /** Versions of the open documents that it knows. */
  readonly known: Map<string, number>;
}

/** TypeScript and JavaScript, by the TypeScript language service in a thread of its own. */
export function createTypeScriptAnalyst({
  workerPath,
  openDocuments,
  megabytes,
  log,
}: TypeScriptOptions): Analyst {
  let running: Running | undefined;
  let lastId = 0;
  let deaths = 0;
  let idle: NodeJS.Timeout | undefined;

  const start = (): Running => {
    const resourceLimits = { maxOldGenerationSizeMb: megabytes() };
    const worker = new Worker(workerPath, { resourceLimits });
    const started: Running = { worker, pending: new Map(), known: new Map() };
    worker.on('message', ({ id, answer }: FromAnalysis) => {
      started.pending.get(id)?.(answer);
      started.pending.delete(id);
    });
    const ended = (why: string) => {
      if (running === started) running = undefined;
      for (const resolve of started.pending.values()) resolve({ reason: `The analysis ended: ${why}` });
      started.pending.clear();
    };
    worker.once('error', (error) => {
      deaths++;
      log(`The TypeScript analysis ended: ${error.message}`);
      ended(error.message);
    });
    worker.once('exit', () => ended('it was stopped.'));
    worker.unref();
    return started;
  };

  const stop = async (): Promise<void> => {
    clearTimeout(idle);
    const { worker } = running ?? {};
    running = undefined;
    await worker?.terminate();
  };

  /** Tells the worker what has changed in the editor since it was asked last. */
  const synchronise = ({ worker, known }: Running): void => {
    const send = (message: ToAnalysis) => worker.postMessage(message);
    const documents = openDocuments().flatMap((document) => {
      const fileName = pathOf(document.uri);
      return fileName === undefined ? [] : [{ document, fileName }];
    });
    for (const { document, fileName } of documents) {
      if (known.get(fileName) === document.version) continue;
      known.set(fileName, document.version);
      send({ type: 'text', fileName, text: document.getText() });
    }
    const open = new Set(documents.map(({ fileName }) => fileName));
    for (const fileName of known.keys()) {
      if (open.has(fileName)) continue;
      known.delete(fileName);
      send({ type: 'text', fileName, text: undefined });
    }
  };

  return {
    triggers: (uri, languageId) => (pathOf(uri) === undefined ? [] : triggersOf(languageId)),
    async ask({ uri, kinds, before, after }: Hypothesis) {
      const fileName = pathOf(uri);
      if (fileName === undefined) return { reason: 'The document is no file of this machine.' };
      if (deaths >= mostDeaths) return { reason: `The analysis has ended ${deaths} times; see the log.` };
      running ??= start();
      clearTimeout(idle);
      idle = setTimeout(() => void stop(), idleMs).unref();
      synchronise(running);
      const { worker, pending } = running;
      const id = ++lastId;
      return new Promise<MonitorAnswer>((resolve) => {
        pending.set(id, resolve);
        worker.postMessage({ type: 'ask', id, fileName, kinds, before, after } satisfies ToAnalysis);
      });
    },
    dispose: stop,
  };
}

function pathOf(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}
