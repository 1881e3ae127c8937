import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as ort from 'onnxruntime-node';
import { createHostStorage, type HostStorage } from '../../cache/hostStorage';
import { KvCache, type KvStorage } from '../../cache/kvCache';
import { createKeyRotation, rotationRefusal } from '../../cache/rotation';
import { SlipstreamError } from '../../errors';
import { newName } from '../../model/attention';
import { type BuildOptions, buildGraph, tablePositions } from '../../model/build';
import type { ModelConfig } from '../../model/config';
import { logitsOutput } from '../../model/graph';
import type { Precision } from '../../model/linear';
import { type ActivationRange, activationRange } from '../activationRange';
import { type Decoder, type DecoderOptions, roomInBlock } from '../decoder';
import { forwardInPasses } from '../passes';
import { createFeeds } from './feeds';

/** A decoder on the processor, which always works. */
export async function loadCpuDecoder(options: DecoderOptions, config: ModelConfig): Promise<Decoder> {
  const session = await openSession({ ...options, config, device: 'cpu' }, options.threads);
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
  const { layers, kvHeads, headDim, rope } = config;
  const feedsOf = createFeeds(config, range);
  return {
    config,
    device: 'cpu',
    precision,
    maxPositions: tablePositions(config),
    independentRows: precision !== 'int4',
    newCache: () => new KvCache(createHostStorage({ layers, kvHeads, headDim })),
    rotateKeys: rotationRefusal(rope) === undefined ? createKeyRotation(rope, headDim) : undefined,
    forward: forwardInPasses(config, roomInBlock, async ({ storage }, pass) => {
      const host = onHost(storage);
      const results = await session.run(feedsOf(host, pass));
      host.write(pass.at, pass.tokens.length, (kind, layer) => floats(results[newName(kind, layer)]));
      return floats(results[logitsOutput]);
    }),
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
