import type * as ort from 'onnxruntime-node';
import { createHostStorage, type HostStorage } from '../../cache/hostStorage';
import { KvCache, type KvStorage } from '../../cache/kvCache';
import { createKeyRotation, rotationRefusal } from '../../cache/rotation';
import type { TokenMask } from '../../decode/distribution';
import { predictionOf } from '../../decode/prediction';
import { SlipstreamError } from '../../errors';
import { newName } from '../../model/attention';
import { type BuildOptions, openGraph, tablePositions } from '../../model/build';
import type { ModelConfig } from '../../model/config';
import { logitsOutput } from '../../model/graph';
import type { Precision } from '../../model/linear';
import { type ActivationRange, activationRange } from '../activationRange';
import { type Decoder, type DecoderOptions, roomInBlock, wholeVocabulary } from '../decoder';
import { forwardInPasses } from '../passes';
import { createFeeds } from './feeds';
import { createSession } from './session';

/** A decoder on the processor, which always works. */
export async function loadCpuDecoder(options: DecoderOptions, config: ModelConfig): Promise<Decoder> {
  const session = await openSession({ ...options, config, device: 'cpu' }, options.threads);
  const range = options.precision === 'fp32' ? undefined : await activationRange();
  const { precision, vocabulary = wholeVocabulary(config) } = options;
  return createDecoder(session, config, precision, range, vocabulary);
}

async function openSession(options: BuildOptions, threads: number): Promise<ort.InferenceSession> {
  try {
    return await openGraph(options, (path) => createSession(path, threads));
  } catch (cause) {
    if (cause instanceof SlipstreamError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SlipstreamError(
      'device-unavailable',
      `Cannot run the model on the CPU because onnxruntime refused its graph (${reason}); report this with the model's config.json.`,
      { cause },
    );
  }
}

function createDecoder(
  session: ort.InferenceSession,
  config: ModelConfig,
  precision: Precision,
  range: ActivationRange | undefined,
  vocabulary: TokenMask,
): Decoder {
  const { layers, kvHeads, headDim, rope, vocabSize } = config;
  const feedsOf = createFeeds(config, range);
  const forward = forwardInPasses(roomInBlock, async ({ storage }, pass) => {
    const host = onHost(storage);
    const results = await session.run(feedsOf(host, pass));
    host.write(pass.at, pass.tokens.length, (kind, layer) => floats(results[newName(kind, layer)]));
    return floats(results[logitsOutput]);
  });
  return {
    config,
    device: 'cpu',
    precision,
    maxPositions: tablePositions(config),
    independentRows: precision !== 'int4',
    trees: true,
    notes: [],
    newCache: () => new KvCache(createHostStorage({ layers, kvHeads, headDim })),
    rotateKeys: rotationRefusal(rope) === undefined ? createKeyRotation(rope, headDim) : undefined,
    forward,
    async predict(cache, tokens, options) {
      const logits = await forward(cache, tokens, options);
      return Array.from({ length: options.logits }, (_, row) =>
        predictionOf(vocabulary, async () => logits.subarray(row * vocabSize, (row + 1) * vocabSize)),
      );
    },
    roomInPass: roomInBlock,
    fetchedBytes: () => 0,
    release: () => session.release(),
  };
}

function onHost(storage: KvStorage): HostStorage {
  if (!('view' in storage)) throw new TypeError('the cache is on another device');
  return storage as HostStorage;
}

function floats(tensor: ort.Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new TypeError('the graph lacks an output');
  return tensor.data;
}
