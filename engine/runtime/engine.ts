import type { Completion, CompletionRequest } from '../completion';
import { SlipstreamError } from '../errors';

export interface EngineOptions {
  /** A Hugging Face folder: config.json, *.safetensors, tokenizer.json. */
  readonly modelDirectory: string;
  readonly device: 'auto' | 'cpu' | 'webgpu';
  readonly precision: 'int8' | 'int4' | 'fp32';
  /** Threads of one forward pass; 0 takes the machine's physical cores. */
  readonly threads: number;
  /** Longest prompt in tokens; the model's own limit applies as well. */
  readonly contextTokens: number;
  /** Where the quantised graph is kept between runs. */
  readonly cacheDirectory: string;
  /** The bundled `engineWorker.js`. */
  readonly workerPath: string;
}

export interface EngineInfo {
  readonly model: string;
  readonly device: string;
  readonly precision: string;
  readonly contextTokens: number;
  /** Milliseconds from the start of the worker until it could answer. */
  readonly startMs: number;
}

/** A running engine. Its work happens in a worker thread: no call blocks the caller's thread. */
export interface Engine {
  readonly info: EngineInfo;
  /**
   * Requests of the same engine run one after another. Aborting `signal` ends a request at its next
   * chunk or token; it then resolves with `stopReason: 'cancelled'` and what was decoded so far.
   * @throws SlipstreamError `request-invalid`, `worker-crashed`
   */
  complete(request: CompletionRequest, signal: AbortSignal): Promise<Completion>;
  /** Frees the KV cache of a closed document. */
  forget(session: string): void;
  /** Resolves with the error when the worker dies by itself; never after `dispose`. */
  readonly crashed: Promise<SlipstreamError>;
  dispose(): Promise<void>;
}

/**
 * Starts the worker and loads the model in it.
 * @throws SlipstreamError whose message is fit to be shown to a person
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  throw new SlipstreamError('worker-crashed', `not there: ${options.workerPath}`);
}
