import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as ort from 'onnxruntime-node';
import { KvCache } from '../cache/kvCache';
import { createKeyRotation, type KeyRotation, rotationRefusal } from '../cache/rotation';
import { SlipstreamError } from '../errors';
import { blockRows, newName } from '../model/attention';
import { type BuildOptions, buildGraph, tablePositions } from '../model/build';
import { type ModelConfig, readConfig } from '../model/config';
import { logitsOutput } from '../model/graph';
import type { Precision } from '../model/linear';
import { type ActivationRange, activationRange } from './activationRange';
import { createFeeds, type Pass } from './feeds';
import { disableTelemetry } from './telemetry';

export interface DecoderOptions {
  readonly modelDirectory: string;
  readonly device: 'auto' | 'cpu' | 'webgpu';
  readonly precision: Precision;
  /** 0 takes the machine's physical cores, as onnxruntime counts them. */
  readonly threads: number;
  readonly cacheDirectory: string;
  /** Asked while a graph is built: whether nobody waits for it any more. */
  readonly isCancelled?: (() => boolean) | undefined;
}

export interface ForwardOptions {
  /** How many of the last rows' logits to return; 0 saves the output product. */
  readonly logits: number;
  /** The row that the first token becomes; by default the one behind the cached rows. */
  readonly at?: number;
  /** Position ids of the new rows; by default their row numbers, in a tree their depth behind `at`. */
  readonly positions?: readonly number[];
  /**
   * Makes the tokens a tree whose branches share the rows before it: for each token which one of the tree it follows, an earlier
   * one, or -1 for the row before the tree. The tree may have begun in earlier passes: its first tokens are those already
   * encoded, the last ones those of this pass. A branch is kept by `KvCache.keepBranch` and dropped by `truncate`.
   */
  readonly parents?: readonly number[];
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
   * Whether a row is the same to the last bit whatever rows are encoded with it. Where it is not, a draft could change
   * which token is chosen, so there are none: onnxruntime multiplies one row by 4-bit blocks in another kernel than more of
   * them, which differs by some 1e-5 and is so much faster (2.8 times at 0.5B) that drafts would seldom pay anyway.
   */
  readonly independentRows: boolean;
  /** Turns cached keys to other positions; undefined where the model's keys cannot be turned. */
  readonly rotateKeys: KeyRotation | undefined;
  /**
   * Encodes tokens as the rows from `at` on, each seeing all rows before it, and writes them into the cache, over
   * those that are there.
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
  disableTelemetry();
  if (options.device === 'webgpu') {
    throw new SlipstreamError(
      'device-unavailable',
      'Cannot run on the GPU because this version has no WebGPU graphs yet; set the device to "auto" or "cpu".',
    );
  }
  const config = await readConfig(options.modelDirectory);
  const session = await openSession({ ...options, config }, options.threads);
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
  range: ActivationRange | undefined,
): Decoder {
  const { layers, kvHeads, headDim, vocabSize } = config;
  const feedsOf = createFeeds(config, range);

  const run = async (cache: KvCache, pass: Pass): Promise<Float32Array> => {
    const results = await session.run(feedsOf(cache, pass));
    cache.write(pass.at, pass.tokens, pass.positions, (kind, layer) => floats(results[newName(kind, layer)]));
    return floats(results[logitsOutput]);
  };

  return {
    config,
    device: 'cpu',
    precision,
    maxPositions: tablePositions(config),
    independentRows: precision !== 'int4',
    newCache: () => new KvCache({ layers, kvHeads, headDim }),
    rotateKeys:
      rotationRefusal(config.rope) === undefined ? createKeyRotation(config.rope, headDim) : undefined,
    async forward(cache, tokens, { logits, at = cache.length, parents, positions }) {
      const tree = parents && treeOf(at + tokens.length - parents.length, parents);
      const places = positions ?? tree?.positions.slice(-tokens.length) ?? tokens.map((_, i) => at + i);
      const parts: Float32Array[] = [];
      let done = 0;
      while (done < tokens.length) {
        const rows = Math.min(roomInBlock(at + done), tokens.length - done);
        const end = done + rows;
        const wanted = Math.max(0, Math.min(rows, end - (tokens.length - logits)));
        const pass = { tokens: tokens.slice(done, end), positions: places.slice(done, end), wanted, tree };
        parts.push(await run(cache, { at: at + done, ...pass }));
        done = end;
      }
      return parts.length === 1 ? (parts[0] as Float32Array) : concat(parts, logits * vocabSize);
    },
    release: () => session.release(),
  };
}

/** Rows that one pass may write from row `at` on: an attention block is never crossed within a pass. */
export const roomInBlock = (at: number) => blockRows - (at % blockRows);

/** Who sees whom in a tree of rows from `start` on, and the position of each: one behind its parent's. */
function treeOf(start: number, parents: readonly number[]) {
  const ancestors: Set<number>[] = [];
  for (const [i, parent] of parents.entries()) {
    if (parent >= i)
      throw new RangeError(`token ${i} of a tree follows token ${parent}, which is not before it`);
    ancestors.push(new Set([...(ancestors[parent] ?? []), start + i]));
  }
  return {
    start,
    positions: ancestors.map(({ size }) => start + size - 1),
    sees: (row: number, key: number) => ancestors[row - start]?.has(key) ?? false,
  };
}

function concat(parts: readonly Float32Array[], length: number): Float32Array {
  const whole = new Float32Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function floats(tensor: ort.Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new TypeError('the graph lacks an output');
  return tensor.data;
}
