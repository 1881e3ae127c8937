import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** llama.cpp on one model, one thread count and one KV cache. */
export interface LlamaModel {
  readonly loadMs: number;
  /** Sets the cache back to its first `rows` rows. */
  truncate(rows: number): Promise<void>;
  /** Encodes tokens behind the cached rows and samples greedily after the last. */
  encode(tokens: readonly number[]): Promise<number>;
  /** The same with the logits [vocab] after every token. */
  logits(tokens: readonly number[], vocabSize: number): Promise<Float64Array[]>;
  release(): Promise<void>;
}

export interface LlamaOptions {
  readonly ggufPath: string;
  readonly threads: number;
  readonly contextTokens: number;
  /** llama.cpp's own default is F16; F32 is for comparing numbers. */
  readonly kvType: 'F16' | 'F32';
}

/** The part of node-llama-cpp that is used: it is not installed everywhere, so its own types cannot be. */
interface Binding {
  getLlama(options: object): Promise<{ loadModel(options: object): Promise<BoundModel> }>;
  readonly LlamaLogLevel: { readonly error: string };
}
interface BoundModel {
  createContext(options: object): Promise<{ getSequence(): Sequence }>;
  dispose(): Promise<void>;
}
interface Sequence {
  readonly nextTokenIndex: number;
  eraseContextTokenRanges(ranges: { start: number; end: number }[]): Promise<void>;
  controlledEvaluate(input: [token: number, options: object][]): Promise<(Evaluated | undefined)[]>;
}
interface Evaluated {
  readonly next: { readonly token?: number | null; readonly logits?: ReadonlyMap<number, number> };
}

function bindingPath(peersDirectory: string): string {
  return join(peersDirectory, 'node_modules', 'node-llama-cpp', 'dist', 'index.js');
}

/** Whether test/peers/install.mjs has brought llama.cpp here. */
export function hasLlama(peersDirectory: string): boolean {
  return existsSync(bindingPath(peersDirectory));
}

/** One for the process: each would bring thread pools and exit handlers of its own. */
let llama: Promise<{ loadModel(options: object): Promise<BoundModel> }> | undefined;

async function startLlama(peersDirectory: string) {
  const binding = (await import(
    /* @vite-ignore */ pathToFileURL(bindingPath(peersDirectory)).href
  )) as Binding;
  const started = await binding.getLlama({
    gpu: false,
    build: 'never',
    skipDownload: true,
    // 0: each context has the threads that it asks for.
    maxThreads: 0,
    logLevel: binding.LlamaLogLevel.error,
  });
  return { loadModel: (options: object) => started.loadModel(options) };
}

export async function loadLlama(peersDirectory: string, options: LlamaOptions): Promise<LlamaModel> {
  llama ??= startLlama(peersDirectory);
  const { loadModel } = await llama;
  const start = performance.now();
  const model = await loadModel({ modelPath: options.ggufPath });
  const context = await model.createContext({
    contextSize: options.contextTokens,
    batchSize: Math.min(1024, options.contextTokens),
    threads: options.threads,
    experimentalKvCacheKeyType: options.kvType,
    experimentalKvCacheValueType: options.kvType,
    // Flash attention computes in half precision on the CPU; llama.cpp decides by itself where speed is measured.
    ...(options.kvType === 'F32' ? { flashAttention: false } : {}),
  });
  const loadMs = performance.now() - start;
  const sequence = context.getSequence();
  return {
    loadMs,
    async truncate(rows) {
      if (rows < sequence.nextTokenIndex) {
        await sequence.eraseContextTokenRanges([{ start: rows, end: sequence.nextTokenIndex }]);
      }
    },
    async encode(tokens) {
      const last = tokens.length - 1;
      const results = await sequence.controlledEvaluate(
        tokens.map((token, i) => [token, i === last ? { generateNext: { token: true } } : {}]),
      );
      return results[last]?.next.token ?? -1;
    },
    async logits(tokens, vocabSize) {
      const results = await sequence.controlledEvaluate(
        tokens.map((token) => [token, { generateNext: { token: true, logits: true } }]),
      );
      return results.map((result) => {
        const row = new Float64Array(vocabSize);
        for (const [token, logit] of result?.next.logits ?? []) row[token] = logit;
        return row;
      });
    },
    release: () => model.dispose(),
  };
}
