import type { KvCache } from '../cache/kvCache';
import type { KeyRotation } from '../cache/rotation';
import { blockRows } from '../model/attention';
import { type ModelConfig, readConfig } from '../model/config';
import type { Precision } from '../model/linear';
import { loadCpuDecoder } from './cpu/decoder';
import { disableTelemetry } from './telemetry';
import { loadGpuDecoder } from './webgpu/decoder';

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
  const config = await readConfig(options.modelDirectory);
  return options.device === 'webgpu' ? loadGpuDecoder(options, config) : loadCpuDecoder(options, config);
}

/** Rows that one pass may write from row `at` on: an attention block is never crossed within a pass. */
export const roomInBlock = (at: number) => blockRows - (at % blockRows);
