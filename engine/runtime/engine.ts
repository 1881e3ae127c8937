import type { Completion, CompletionRequest, ScoreRequest } from '../completion';
import type { ScoredToken } from '../decode/uncertainty/threshold';
import { SlipstreamError } from '../errors';
import type { Precision } from '../model/linear';
import type { ThresholdKey } from '../model/thresholds';
import type { MonitorOracle } from '../monitor';
import { type Channel, openThread } from './channel';
import { type DeviceChoice, storedChoice } from './device/choice';
import { deviceChoice, distrustDevice } from './device/choose';
import { memoryShortage } from './device/memory';
import { openProcess } from './device/process';
import { type FromWorker, now, type ToWorker } from './messages';
import { cancelled, ready } from './ready';
import { shareEngine } from './sharing/index';
import { disableTelemetry } from './telemetry';

export interface EngineOptions {
  /** A Hugging Face folder: config.json, *.safetensors, tokenizer.json. */
  readonly modelDirectory: string;
  /** `auto`: the GPU where a trial has found it right and faster for this model (`device/`), else the processor. */
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
  /**
   * A folder of the user's alone, in which processes find each other: those that want the same of the same program share one
   * engine, which the first of them hosts. Where left out, this process has one for itself.
   */
  readonly sharedIn?: string;
  /** The bundled `engineWorker.js`; `engineProcess.js` and `deviceTrial.js` lie beside it. */
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
  /** What trying the GPU has come to; absent where it has not been tried. */
  readonly choice?: DeviceChoice;
  /** Process that holds the weights, where they are shared. */
  readonly host?: number;
  /** Milliseconds from the start of the worker until it could answer. */
  readonly startMs: number;
}

/** A running engine. Its work happens in a worker thread, another process or another window's server: no call blocks the caller's thread. */
export interface Engine {
  /** As it is now: the threshold may change. */
  readonly info: EngineInfo;
  /**
   * Requests of the same engine run one after another. Aborting `signal` ends a request at its next
   * chunk or token; it then resolves with `stopReason: 'cancelled'` and what was decoded so far.
   * @param oracle answers the questions of the request's monitors; without one nobody watches over it
   * @param written told the text after each pass. What monitors, rules and the server's filters take back later is in it.
   * @throws SlipstreamError `worker-crashed`
   */
  complete(
    request: CompletionRequest,
    signal: AbortSignal,
    oracle?: MonitorOracle,
    written?: (text: string) => void,
  ): Promise<Completion>;
  /**
   * Encodes what a request would show, in a document that has been completed before, so that its answer comes sooner.
   * Whatever else is asked goes first, also in the middle of it.
   */
  prepare(request: CompletionRequest): void;
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
  /** When it was last asked for something, by `performance.now()` and by any window that this process shares it with. */
  askedAt(): number;
  /** Frees the KV cache of a closed document. */
  forget(session: string): void;
  /** Resolves with the error when the worker dies by itself; never after `dispose`. */
  readonly crashed: Promise<SlipstreamError>;
  dispose(): Promise<void>;
}

type Answer = Extract<FromWorker, { readonly type: 'completion' | 'refreshed' | 'scored' }>;

interface Pending {
  resolve(answer: Answer): void;
  reject(error: SlipstreamError): void;
}

/** Who computes, and what can be said of it. */
export interface Loaded {
  readonly channel: Channel;
  readonly info: EngineInfo;
}

/**
 * Starts whoever computes and loads the model there, or attaches to another process that has done so: see `sharing/`.
 * @param signal ends a start that is no longer wanted, at the next tensor of a build
 * @throws SlipstreamError whose message is fit to be shown to a person
 */
export async function startEngine(options: EngineOptions, signal?: AbortSignal): Promise<Engine> {
  disableTelemetry();
  const { sharedIn } = options;
  const load = () => loadEngine(options, signal);
  const { channel, info } = await (sharedIn === undefined
    ? load()
    : shareEngine(options, sharedIn, load, signal));
  return createEngine(channel, info);
}

/**
 * A worker thread for the processor, a process of its own for a GPU, whose driver may end it. Where `webgpu` is asked for and
 * has not been tried here yet, that is done first.
 */
async function loadEngine(options: EngineOptions, signal: AbortSignal | undefined): Promise<Loaded> {
  if (options.device === 'webgpu') {
    const choice = await deviceChoice(options, signal);
    if (signal?.aborted) throw cancelled();
    return loadOnGpu(options, choice, signal);
  }
  const choice = options.device === 'auto' ? await storedChoice(options) : undefined;
  if (choice?.device !== 'webgpu') return loadOnCpu(options, choice, [], signal);
  const shortage = await memoryShortage(options);
  if (shortage !== undefined)
    return loadOnCpu(options, { ...choice, device: 'cpu', reason: shortage }, [], signal);
  try {
    return await loadOnGpu(options, choice, signal);
  } catch (error) {
    if (!(error instanceof SlipstreamError) || !isOfDevice(error)) throw error;
    await distrustDevice(options, error.message);
    return loadOnCpu(options, undefined, [`The GPU was chosen and failed: ${error.message}`], signal);
  }
}

/** Whether the processor could do better. */
const isOfDevice = ({ code }: SlipstreamError) => code === 'device-unavailable' || code === 'device-lost';

async function loadOnCpu(
  options: EngineOptions,
  choice: DeviceChoice | undefined,
  notes: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Loaded> {
  const channel = openThread({ ...options, device: 'cpu' }, undefined);
  const info = await ready(channel, signal);
  return { channel, info: { ...info, notes: [...notes, ...info.notes], ...(choice && { choice }) } };
}

async function loadOnGpu(
  options: EngineOptions,
  choice: DeviceChoice,
  signal: AbortSignal | undefined,
): Promise<Loaded> {
  if (choice.gpu === undefined) {
    throw new SlipstreamError(
      'device-unavailable',
      `Cannot run on the GPU: ${choice.reason} Set the device to "auto" or "cpu"; where it is the GPU that fails, a newer driver may help.`,
    );
  }
  const channel = openProcess({ ...options, device: 'webgpu' }, choice.gpu.rowsPerPass);
  return { channel, info: { ...(await ready(channel, signal)), choice } };
}

function createEngine(channel: Channel, info: EngineInfo): Engine {
  const pending = new Map<number, Pending>();
  const oracles = new Map<number, MonitorOracle>();
  const listeners = new Map<number, (text: string) => void>();
  /** Questions of monitors without an answer. */
  const questions = new Map<number, AbortController>();
  let lastId = 0;
  let askedAt = performance.now();
  let current = info;
  let isDisposed = false;
  let death: SlipstreamError | undefined;
  /** What its last words were, where it died of them. */
  let lost: SlipstreamError | undefined;
  const send: (message: ToWorker) => void = channel.post;
  const useThreshold = (threshold: number): void => {
    current = { ...current, threshold };
  };

  channel.listen((message) => {
    if (message.type === 'ready' || message.type === 'failed') return;
    if (message.type === 'threshold') return useThreshold(message.threshold);
    if (message.type === 'asked') return void tell(message);
    if (message.type === 'written') return listeners.get(message.id)?.(message.text);
    if (message.type === 'dropped') return questions.get(message.question)?.abort();
    const request = pending.get(message.id);
    pending.delete(message.id);
    if (message.type !== 'rejected') return request?.resolve(message);
    const error = new SlipstreamError(message.failure.code, message.failure.message);
    if (error.code === 'device-lost') lost = error;
    request?.reject(error);
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
      askedAt = performance.now();
      pending.set(id, { resolve, reject });
      send(message);
    });
  const crashed = new Promise<SlipstreamError>((resolve) => {
    void channel.died.then((ended) => {
      death = lost ?? ended;
      for (const request of pending.values()) request.reject(death);
      pending.clear();
      if (!isDisposed) resolve(death);
    });
  });

  return {
    get info() {
      return current;
    },
    crashed,
    async complete(request, signal, oracle, written) {
      const id = ++lastId;
      const cancel = () => channel.cancel(id);
      signal.addEventListener('abort', cancel, { once: true });
      if (oracle !== undefined) oracles.set(id, oracle);
      if (written !== undefined) listeners.set(id, written);
      try {
        const isWatched = oracle !== undefined;
        const isFollowed = written !== undefined;
        const answer = ask(id, { type: 'complete', id, request, isWatched, isFollowed, sentAt: now() });
        // Whoever passes requests on knows nothing of those that have not come yet.
        if (signal.aborted) cancel();
        return expected(await answer, 'completion').completion;
      } finally {
        signal.removeEventListener('abort', cancel);
        oracles.delete(id);
        listeners.delete(id);
      }
    },
    prepare: (request) => send({ type: 'prepare', request }),
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
      useThreshold(threshold);
      send({ type: 'threshold', threshold });
    },
    askedAt: () => Math.max(askedAt, channel.askedAt?.() ?? 0),
    forget: (session) => send({ type: 'forget', session }),
    async dispose() {
      isDisposed = true;
      send({ type: 'dispose' });
      await channel.died;
    },
  };
}

function expected<Type extends Answer['type']>(answer: Answer, type: Type): Extract<Answer, { type: Type }> {
  if (answer.type !== type) throw new TypeError(`the worker answered "${answer.type}" for a "${type}"`);
  return answer as Extract<Answer, { type: Type }>;
}
