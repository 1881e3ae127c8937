import type { KvCache } from '../cache/kvCache';
import type { KeyRotation } from '../cache/rotation';
import type { TokenMask } from '../decode/distribution';
import type { Prediction } from '../decode/prediction';
import { blockRows } from '../model/attention';
import { type ModelConfig, readConfig } from '../model/config';
import type { Precision } from '../model/linear';
import { loadCpuDecoder } from './cpu/decoder';
import { loadExportedDecoder } from './exported/decoder';
import { findExportedGraph } from './exported/files';
import { disableTelemetry } from './telemetry';
import { carefulRun, loadGpuDecoder } from './webgpu/decoder';
import { tellingFaults } from './webgpu/faults';

export interface DecoderOptions {
  readonly modelDirectory: string;
  readonly device: 'auto' | 'cpu' | 'webgpu';
  readonly precision: Precision;
  /** 0 takes the machine's physical cores, as onnxruntime counts them. */
  readonly threads: number;
  readonly cacheDirectory: string;
  /** Tokens that exist, what predictions are over: models pad their vocabulary to round sizes. All where left out. */
  readonly vocabulary?: TokenMask | undefined;
  /** Most rows of a pass on a GPU, by its self-test; where left out, as many as are right on every device known. */
  readonly rowsPerPass?: number | undefined;
  /** Asked while a graph is built: whether nobody waits for it any more. */
  readonly isCancelled?: (() => boolean) | undefined;
}

export interface ForwardOptions {
  /** How many of the last rows are predicted from; 0 saves the output product. */
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
  /**
   * Whether `parents` may be given: whether a row can be kept from seeing some of those before it. Where it cannot, branches
   * are not explored beside each other.
   */
  readonly trees: boolean;
  /** One sentence for each thing that this graph does not allow, or that was done otherwise than asked for. */
  readonly notes: readonly string[];
  /** Turns cached keys to other positions; undefined where the model's keys cannot be turned. */
  readonly rotateKeys: KeyRotation | undefined;
  /**
   * Encodes tokens as the rows from `at` on, each seeing all rows before it, and writes them into the cache, over
   * those that are there.
   * @returns logits of the wanted rows, `[wanted, vocabSize]`, fp32
   */
  forward(cache: KvCache, tokens: readonly number[], options: ForwardOptions): Promise<Float32Array>;
  /**
   * The same for decoding: on a device the logits stay there, and what comes from it is what is asked for.
   * @returns what is predicted by each of the wanted rows
   */
  predict(cache: KvCache, tokens: readonly number[], options: ForwardOptions): Promise<readonly Prediction[]>;
  /** Rows that one pass may write from row `at` on, and predict from. */
  roomInPass(at: number): number;
  /** Bytes of results that have come from a device to this machine's memory so far; none where the processor computes. */
  fetchedBytes(): number;
  release(): Promise<void>;
}

/**
 * Loads a Hugging Face folder: its weights by way of the graph cache, or where it has none the graph that somebody exported.
 * @throws SlipstreamError model-*, cache-unwritable, device-unavailable
 */
export async function loadDecoder(options: DecoderOptions): Promise<Decoder> {
  disableTelemetry();
  const config = await readConfig(options.modelDirectory);
  const exported = await findExportedGraph(options.modelDirectory, config, options.precision);
  if (exported !== undefined) return loadExportedDecoder(options, config, exported);
  if (options.device !== 'webgpu') return loadCpuDecoder(options, config);
  const { rowsPerPass = carefulRun.rowsPerPass } = options;
  return tellingFaults(await loadGpuDecoder(options, config, { ...carefulRun, rowsPerPass }));
}

/** Rows that one pass may write from row `at` on: an attention block is never crossed within a pass. */
export const roomInBlock = (at: number) => blockRows - (at % blockRows);

/** All tokens of a model. */
export const wholeVocabulary = ({ vocabSize }: ModelConfig): TokenMask => new Uint8Array(vocabSize).fill(1);
