import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import * as ort from 'onnxruntime-node';
import { KvCache } from '../cache/kvCache';
import { SlipstreamError } from '../errors';
import { attentionInputs, newName, pastName } from '../model/attention';
import { type BuildOptions, buildGraph, tablePositions } from '../model/build';
import { type ModelConfig, readConfig } from '../model/config';
import { decoderInputs, logitsOutput } from '../model/graph';
import { activationInputs, type Precision } from '../model/linear';
import { activationRange } from './activationRange';

export interface DecoderOptions {
  readonly modelDirectory: string;
  readonly device: 'auto' | 'cpu' | 'webgpu';
  readonly precision: Precision;
  /** 0 takes the machine's cores. */
  readonly threads: number;
  readonly cacheDirectory: string;
}

export interface ForwardOptions {
  /** How many of the last rows' logits to return; at least 1, since the graph computes one in any case. */
  readonly logits: number;
  /** Position ids of the new rows; by default they follow the last cached row's. */
  readonly positions?: readonly number[];
}

/** A loaded model: the compute of the engine. It keeps no state between calls; caches belong to the caller. */
export interface Decoder {
  readonly config: ModelConfig;
  readonly device: string;
  readonly precision: Precision;
  /** Positions that the rotation tables cover. */
  readonly maxPositions: number;
  newCache(): KvCache;
  /**
   * Encodes tokens behind the cached rows, each seeing all cached rows and the new ones up to itself, and
   * adds their rows to the cache.
   * @returns logits of the wanted rows, `[wanted, vocabSize]`, fp32
   */
  forward(cache: KvCache, tokens: readonly number[], options: ForwardOptions): Promise<Float32Array>;
  release(): Promise<void>;
}

/**
 * Loads a Hugging Face folder, by way of the graph cache.
 * @throws SlipstreamError model-*, cache-unwritable, device-unavailable
 */
export async function loadDecoder(options: DecoderOptions): Promise<Decoder> {
  if (options.device === 'webgpu') {
    throw new SlipstreamError(
      'device-unavailable',
      'Cannot run on the GPU because this version has no WebGPU graphs yet; set the device to "auto" or "cpu".',
    );
  }
  const config = await readConfig(options.modelDirectory);
  const session = await openSession({ ...options, config }, options.threads || cpus().length);
  const range = options.precision === 'fp32' ? undefined : await activationRange();
  return createDecoder(session, config, options.precision, range);
}

/** A cached graph that does not load (a disk error, another version's leftovers) is built once more. */
async function openSession(options: BuildOptions, threads: number): Promise<ort.InferenceSession> {
  const path = await buildGraph(options);
  try {
    return await createSession(path, threads);
  } catch {
    await rm(dirname(path), { recursive: true, force: true });
  }
  const rebuilt = await buildGraph(options);
  try {
    return await createSession(rebuilt, threads);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SlipstreamError(
      'device-unavailable',
      `Cannot run the model on the CPU because onnxruntime refused its graph (${reason}); report this with the model's config.json.`,
      { cause },
    );
  }
}

const createSession = (path: string, threads: number) =>
  ort.InferenceSession.create(path, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });

function createDecoder(
  session: ort.InferenceSession,
  config: ModelConfig,
  precision: Precision,
  range: { zeroPoint: number; largest: number } | undefined,
): Decoder {
  const { layers, kvHeads, headDim, heads } = config;
  const group = heads / kvHeads;

  const activationFeeds = (rows: number, wanted: number): Record<string, ort.Tensor> => {
    if (!range) return {};
    const zeroPoints = (n: number) => new ort.Tensor('uint8', new Uint8Array(n).fill(range.zeroPoint), [n]);
    return {
      [activationInputs.zeroPoints]: zeroPoints(rows),
      [activationInputs.wantedZeroPoints]: zeroPoints(wanted),
      [activationInputs.zeroPoint]: new ort.Tensor('uint8', Uint8Array.of(range.zeroPoint), []),
      [activationInputs.inverseRange]: new ort.Tensor('float32', Float32Array.of(1 / range.largest), []),
    };
  };

  const cacheFeeds = (cache: KvCache): Record<string, ort.Tensor> => {
    const feeds: Record<string, ort.Tensor> = {};
    for (const kind of ['key', 'value'] as const) {
      for (let layer = 0; layer < layers; layer++) {
        for (let head = 0; head < kvHeads; head++) {
          const view = cache.view(kind, layer, head);
          feeds[pastName(kind, layer, head)] = new ort.Tensor('float32', view, [cache.length, headDim]);
        }
      }
    }
    return feeds;
  };

  return {
    config,
    device: 'cpu',
    precision,
    maxPositions: tablePositions(config),
    newCache: () => new KvCache({ layers, kvHeads, headDim }),
    async forward(cache, tokens, options) {
      const rows = tokens.length;
      const past = cache.length;
      const next = past === 0 ? 0 : (cache.positions[past - 1] as number) + 1;
      const positions = options.positions ?? tokens.map((_, i) => next + i);
      const wanted = Array.from({ length: options.logits }, (_, i) => rows - options.logits + i);
      const results = await session.run({
        [decoderInputs.tokens]: int64(tokens, [rows]),
        [decoderInputs.positions]: int64(positions, [1, rows]),
        [decoderInputs.wantedRows]: int64(wanted, [wanted.length]),
        [attentionInputs.rowCounts]: int64([past, rows], [2]),
        [attentionInputs.pastBias]: new ort.Tensor('float32', new Float32Array(past), [1, past]),
        [attentionInputs.newBias]: new ort.Tensor('float32', causalBias(rows, group), [rows * group, rows]),
        ...activationFeeds(rows, wanted.length),
        ...cacheFeeds(cache),
      });
      cache.append(tokens, positions, (kind, layer) => floats(results[newName(kind, layer)]));
      return floats(results[logitsOutput]);
    },
    release: () => session.release(),
  };
}

const int64 = (values: readonly number[], dims: readonly number[]) =>
  new ort.Tensor(
    'int64',
    BigInt64Array.from(values, (value) => BigInt(value)),
    dims,
  );

function floats(tensor: ort.Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new TypeError('the graph lacks an output');
  return tensor.data;
}

/** `[rows * group, rows]`: row i sees the new rows up to i; each row of queries stands `group` times. */
function causalBias(rows: number, group: number): Float32Array {
  const bias = new Float32Array(rows * group * rows);
  for (let query = 0; query < rows * group; query++) {
    const row = Math.floor(query / group);
    bias.fill(Number.NEGATIVE_INFINITY, query * rows + row + 1, (query + 1) * rows);
  }
  return bias;
}
