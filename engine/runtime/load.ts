import { basename, join } from 'node:path';
import type { TokenMask } from '../decode/distribution';
import { createVocabulary, type Vocabulary } from '../decode/monitor/vocabulary';
import { readConfig } from '../model/config';
import { detectFim, endTokens, type FimFormat } from '../model/fim';
import { modelFingerprint } from '../model/fingerprint';
import { findThreshold, type ThresholdKey, thresholdsFile } from '../model/thresholds';
import { loadTokenizer, type Tokenizer } from '../model/tokenizer';
import { type Decoder, type DecoderOptions, loadDecoder } from './decoder';
import { findExportedGraph } from './exported/files';

/** Everything that a model folder gives: the compute, the tokenizer and how to ask for a middle. */
export interface LoadedModel {
  /** Name of the folder. */
  readonly name: string;
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  /** Undefined where the model has no fill-in-the-middle tokens: it only continues the prefix. */
  readonly fim: FimFormat | undefined;
  /** Tokens that end a completion. */
  readonly endTokens: ReadonlySet<number>;
  /** Tokens that exist: models pad their vocabulary to round sizes. */
  readonly vocabulary: TokenMask;
  /** The same by their bytes; made when it is first needed. */
  readonly bytes: () => Vocabulary;
  /** Entropy in nats from which on the model counts as unsure. */
  readonly threshold: number;
  /** What that threshold holds for. */
  readonly thresholdKey: ThresholdKey;
  /** One sentence for each thing that could not be used and is not needed. */
  readonly notes: readonly string[];
}

export interface LoadOptions extends DecoderOptions {
  /** Thresholds learned on this machine; they come before the model's own. */
  readonly thresholdsPath?: string | undefined;
}

/** @throws SlipstreamError with the file at fault, and what to do */
export async function loadModel(options: LoadOptions): Promise<LoadedModel> {
  const config = await readConfig(options.modelDirectory);
  // The small files first: what is wrong with them is said before minutes of quantising.
  const tokenizer = await loadTokenizer(options.modelDirectory, config);
  const fim = await detectFim(tokenizer, config, options.modelDirectory);
  const vocabulary = Uint8Array.from({ length: config.vocabSize }, (_, id) =>
    tokenizer.isUsable(id) ? 1 : 0,
  );
  const decoder = await loadDecoder({ ...options, vocabulary });
  const { modelDirectory, cacheDirectory } = options;
  const exported = await findExportedGraph(modelDirectory, config, options.precision);
  const model = await modelFingerprint(modelDirectory, join(cacheDirectory, 'hashes'), exported?.files);
  const thresholdKey = { model, precision: decoder.precision, fim: fim !== undefined };
  const paths = [options.thresholdsPath ?? [], join(modelDirectory, thresholdsFile)].flat();
  const ends = new Set(fim?.endTokens ?? endTokens(tokenizer, config));
  let bytes: Vocabulary | undefined;
  const { threshold, notes } = await findThreshold(paths, thresholdKey);
  return {
    threshold,
    notes: [...decoder.notes, ...notes],
    thresholdKey,
    name: basename(modelDirectory),
    decoder,
    tokenizer,
    fim,
    endTokens: ends,
    bytes: () => {
      bytes ??= createVocabulary(tokenizer, ends);
      return bytes;
    },
    vocabulary,
  };
}
