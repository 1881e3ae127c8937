import { Worker } from 'node:worker_threads';
import type { Completion, CompletionRequest, ScoreRequest } from '../completion';
import type { ScoredToken } from '../decode/uncertainty/threshold';
import { SlipstreamError } from '../errors';
import type { Precision } from '../model/linear';
import type { ThresholdKey } from '../model/thresholds';
import type { MonitorOracle } from '../monitor';
import { createFlagMemory, type Flags, flagsIn } from './flags';
import { type FromWorker, now, type ToWorker, type WorkerData } from './messages';
import { disableTelemetry } from './telemetry';

export interface EngineOptions {
  /** A Hugging Face folder: config.json, *.safetensors, tokenizer.json. */
  readonly modelDirectory: string;
  readonly device: 'auto' | 'cpu' | 'webgpu';
  readonly precision: Precision;
  /** Threads of one forward pass; 0 takes the machine's physical cores. */
  readonly threads: number;
  /** Longest prompt and completion together, in tokens; the model's own limit applies as well. */
  readonly contextTokens: number;
  /** All documents' KV caches together, in bytes. */
  readonly cacheBytes: number;
  /** Where the quantised graph is kept between runs. */
  readonly cacheDirectory: string;
  /** Thresholds of uncertainty learned on this machine: see `thresholds.ts`. */
  readonly thresholdsPath?: string;
  /** The bundled `engineWorker.js`. */
  readonly workerPath: string;
}

export interface EngineInfo {
  readonly model: string;
  readonly device: string;
  readonly precision: string;
  readonly contextTokens: number;
  /** False where the model has no tokens for that: it continues the text before the caret and sees nothing behind it. */
  readonly fillsInTheMiddle: boolean;
  /** Entropy in nats from which on the model counts as unsure. */
  readonly threshold: number;
  /** What that threshold holds for. */
  readonly thresholdKey: ThresholdKey;
  /** One sentence for each thing that could not be used and is not needed. */
  readonly notes: readonly string[];
  /** Milliseconds from the start of the worker until it could answer. */
  readonly startMs: number;
}

/** A running engine. Its work happens in a worker thread: no call blocks the caller's thread. */
export interface Engine {
  /** As it is now: the threshold may change. */
  readonly info: EngineInfo;
  /**
   * Requests of the same engine run one after another. Aborting `signal` ends a request at its next
   * chunk or token; it then resolves with `stopReason: 'cancelled'` and what was decoded so far.
   * @param oracle answers the questions of the request's monitors; without one nobody watches over it
   * @throws SlipstreamError `worker-crashed`
   */
  complete(request: CompletionRequest, signal: AbortSignal, oracle?: MonitorOracle): Promise<Completion>;
  /**
   * Does now what otherwise waits for idle time: encodes anew the cached rows of a document that an edit made stale.
   * Afterwards its cache is what a full computation gives.
   * @returns rows that are still stale: 0 unless the engine is ending
   */
  refresh(session: string): Promise<{ stale: number }>;
  /**
   * How the model sees the tokens of a text coming, between what stands before and behind it. Whatever else is asked goes
   * first, also in the middle of it.
   * @throws SlipstreamError `worker-crashed`
   */
  score(request: ScoreRequest): Promise<readonly ScoredToken[]>;
  /** Takes another threshold of uncertainty for all requests from now on. */
  useThreshold(threshold: number): void;
  /** Frees the KV cache of a closed document. */
  forget(session: string): void;
  /** Resolves with the error when the worker dies by itself; never after `dispose`. */
  readonly crashed: Promise<SlipstreamError>;
  dispose(): Promise<void>;
}

/** Much longer than a pass takes, and short enough for somebody who waits for the process to end. */
const longestPassMs = 1000;

type Answer = Extract<FromWorker, { readonly type: 'completion' | 'refreshed' | 'scored' }>;

interface Pending {
  resolve(answer: Answer): void;
  reject(error: SlipstreamError): void;
}

/**
 * Starts the worker and loads the model in it.
 * @param signal ends a start that is no longer wanted, at the next tensor of a build
 * @throws SlipstreamError whose message is fit to be shown to a person
 */
export async function startEngine(options: EngineOptions, signal?: AbortSignal): Promise<Engine> {
  disableTelemetry();
  const memory = createFlagMemory();
  const workerData: WorkerData = { options, flags: memory };
  const worker = new Worker(options.workerPath, { workerData });
  const died = deathOf(worker);
  const flags = flagsIn(memory);
  // A thread that is ended in the middle of a forward pass aborts the whole process ("terminate called after
  // throwing an instance of 'Napi::Error'"): whoever calls process.exit waits for the end of the running pass.
  const beforeExit = () => flags.endAndWait(longestPassMs);
  process.once('exit', beforeExit);
  void died.then(() => process.off('exit', beforeExit));
  const cancel = () => flags.end();
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel);
  const info = await ready(worker, died).finally(() => signal?.removeEventListener('abort', cancel));
  return createEngine(worker, info, flags, died);
}

/** Resolves with the reason once the worker has ended, whatever ended it. */
function deathOf(worker: Worker): Promise<SlipstreamError> {
  return new Promise((resolve) => {
    const crashed = (why: string, cause?: unknown) =>
      new SlipstreamError(
        'worker-crashed',
        `The inference worker stopped because ${why}; restart the server, and report it with the log if it happens again.`,
        { cause },
      );
    worker.once('error', (error) => resolve(crashed(`of "${error.message}"`, error)));
    worker.once('exit', (code) => resolve(crashed(`it exited with code ${code}`)));
  });
}

async function ready(worker: Worker, died: Promise<SlipstreamError>): Promise<EngineInfo> {
  const first = await Promise.race([
    new Promise<FromWorker>((resolve) => worker.once('message', resolve)),
    died.then((error): FromWorker => ({ type: 'failed', failure: error })),
  ]);
  if (first.type === 'ready') return first.info;
  await worker.terminate();
  if (first.type === 'failed') throw new SlipstreamError(first.failure.code, first.failure.message);
  throw new TypeError(`the worker began with "${first.type}"`);
}

function createEngine(
  worker: Worker,
  info: EngineInfo,
  flags: Flags,
  died: Promise<SlipstreamError>,
): Engine {
  const pending = new Map<number, Pending>();
  const oracles = new Map<number, MonitorOracle>();
  /** Questions of monitors without an answer. */
  const questions = new Map<number, AbortController>();
  let lastId = 0;
  let isDisposed = false;
  let death: SlipstreamError | undefined;
  const send = (message: ToWorker) => worker.postMessage(message);

  worker.on('message', (message: FromWorker) => {
    if (message.type === 'ready' || message.type === 'failed') return;
    if (message.type === 'asked') return void tell(message);
    if (message.type === 'dropped') return questions.get(message.question)?.abort();
    const request = pending.get(message.id);
    pending.delete(message.id);
    if (message.type !== 'rejected') request?.resolve(message);
    else request?.reject(new SlipstreamError(message.failure.code, message.failure.message));
  });
  const tell = async ({ id, question, about }: Extract<FromWorker, { type: 'asked' }>) => {
    const controller = new AbortController();
    questions.set(question, controller);
    const answer = await oracles.get(id)?.(about, controller.signal);
    questions.delete(question);
    send({ type: 'told', question, answer: answer ?? { reason: 'The completion has ended.' } });
  };
  const ask = (id: number, message: ToWorker) =>
    new Promise<Answer>((resolve, reject) => {
      if (death) return reject(death);
      pending.set(id, { resolve, reject });
      send(message);
    });
  const crashed = new Promise<SlipstreamError>((resolve) => {
    void died.then((error) => {
      death = error;
      for (const request of pending.values()) request.reject(error);
      pending.clear();
      if (!isDisposed) resolve(error);
    });
  });

  let current = info;
  return {
    get info() {
      return current;
    },
    crashed,
    async complete(request, signal, oracle) {
      const id = ++lastId;
      const cancel = () => flags.cancel(id);
      if (signal.aborted) cancel();
      signal.addEventListener('abort', cancel, { once: true });
      if (oracle !== undefined) oracles.set(id, oracle);
      try {
        const isWatched = oracle !== undefined;
        const answer = await ask(id, { type: 'complete', id, request, isWatched, sentAt: now() });
        return expected(answer, 'completion').completion;
      } finally {
        signal.removeEventListener('abort', cancel);
        oracles.delete(id);
      }
    },
    async refresh(session) {
      const id = ++lastId;
      const { stale } = expected(await ask(id, { type: 'refresh', id, session }), 'refreshed');
      return { stale };
    },
    async score(request) {
      const id = ++lastId;
      return expected(await ask(id, { type: 'score', id, request }), 'scored').tokens;
    },
    useThreshold(threshold) {
      current = { ...current, threshold };
      send({ type: 'threshold', threshold });
    },
    forget: (session) => send({ type: 'forget', session }),
    async dispose() {
      isDisposed = true;
      send({ type: 'dispose' });
      await died;
    },
  };
}

function expected<Type extends Answer['type']>(answer: Answer, type: Type): Extract<Answer, { type: Type }> {
  if (answer.type !== type) throw new TypeError(`the worker answered "${answer.type}" for a "${type}"`);
  return answer as Extract<Answer, { type: Type }>;
}
