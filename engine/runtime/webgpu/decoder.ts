import * as ort from 'onnxruntime-node';
import { KvCache, type KvStorage } from '../../cache/kvCache';
import { createKeyRotation, rotationRefusal } from '../../cache/rotation';
import type { TokenMask } from '../../decode/distribution';
import type { Prediction } from '../../decode/prediction';
import { SlipstreamError } from '../../errors';
import { openGraph, tablePositions } from '../../model/build';
import type { ModelConfig } from '../../model/config';
import { decoderInputs, logitsOutput } from '../../model/graph';
import { cacheName, groupedInputs } from '../../model/groupedAttention';
import type { Precision } from '../../model/linear';
import { type Decoder, type DecoderOptions, type ForwardOptions, wholeVocabulary } from '../decoder';
import { forwardInPasses, type Pass, passesOf } from '../passes';
import { createHead } from './head';
import { createMover } from './mover';
import { deviceRefusal, type Provider, sessionOptions } from './session';
import { createDeviceStorage, type DeviceBuffers, type DeviceStorage } from './storage';

/** How the graphs made for a GPU are run. */
export interface GpuRun {
  readonly provider: Provider;
  /** Most rows of a pass. */
  readonly rowsPerPass: number;
}

/** onnxruntime's attention of 32 rows and more is wrong on some devices (FlashAttention; microsoft/onnxruntime issue 26064). */
export const carefulRun: GpuRun = { provider: 'webgpu', rowsPerPass: 31 };
/** Most rows of a pass whose logits are wanted: their buffer is kept. */
const mostPredicted = 31;
/** What a row must not see is this far below all that it may. */
const unseen = -1e9;

/**
 * A decoder on the GPU, by onnxruntime's WebGPU provider. Its cache stays on the device.
 * @param run on the processor instead, the same graphs have the results that a device should have
 * @throws SlipstreamError device-unavailable where there is no adapter, or it refuses the graph
 */
export async function loadGpuDecoder(
  options: DecoderOptions,
  config: ModelConfig,
  run: GpuRun = carefulRun,
): Promise<Decoder> {
  const refusal = run.provider === 'webgpu' ? await deviceRefusal() : undefined;
  if (refusal !== undefined) throw unavailable(refusal);
  return openGraph({ ...options, config, device: 'webgpu' }, (path) =>
    openGpuDecoder(path, config, options.precision, run, options.vocabulary),
  );
}

/**
 * The decoder of a graph that is on disk.
 * @throws SlipstreamError device-unavailable where the device refuses it
 */
export async function openGpuDecoder(
  path: string,
  config: ModelConfig,
  precision: Precision,
  run: GpuRun,
  vocabulary = wholeVocabulary(config),
): Promise<Decoder> {
  try {
    const session = await ort.InferenceSession.create(path, sessionOptions(run.provider));
    return await createDecoder(session, config, precision, run, vocabulary);
  } catch (cause) {
    throw unavailable(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

const unavailable = (reason: string, cause?: unknown) =>
  new SlipstreamError(
    'device-unavailable',
    `Cannot run on the GPU because WebGPU failed (${reason}); update the driver, or set the device to "auto" or "cpu".`,
    { cause },
  );

async function createDecoder(
  session: ort.InferenceSession,
  config: ModelConfig,
  precision: Precision,
  { provider, rowsPerPass }: GpuRun,
  vocabulary: TokenMask,
): Promise<Decoder> {
  const { layers, kvHeads, headDim, rope } = config;
  const shape = { layers, kvHeads, headDim };
  const maxPositions = tablePositions(config);
  const mover = await createMover(shape, rope, maxPositions, provider);
  const head = await createHead(vocabulary, provider);
  const roomInPass = () => Math.min(rowsPerPass, mostPredicted);
  const roomFor = ({ logits }: ForwardOptions) => (logits > mostPredicted ? roomInPass : () => rowsPerPass);
  const run = async ({ storage }: KvCache, pass: Pass) => {
    const buffers = await onDevice(storage).settled();
    // A graph has no output of no rows: one that nobody wanted is written.
    const logits = await head.target(Math.max(1, pass.wanted));
    await session.run(feedsOf(pass, buffers), fetchesOf(buffers, logits));
    if (pass.wanted === 0) await head.settled();
  };
  return {
    config,
    device: provider,
    precision,
    maxPositions,
    // Products of one row have another kernel than those of several.
    independentRows: false,
    trees: true,
    notes: [],
    newCache: () => new KvCache(createDeviceStorage(shape, mover)),
    rotateKeys: rotationRefusal(rope) === undefined ? createKeyRotation(rope, headDim) : undefined,
    forward: (cache, tokens, options) =>
      forwardInPasses(roomFor(options), async (_, pass) => {
        await run(cache, pass);
        return pass.wanted === 0 ? new Float32Array(0) : head.logits();
      })(cache, tokens, options),
    async predict(cache, tokens, options) {
      const predictions: Prediction[] = [];
      for (const pass of passesOf(cache, tokens, options, roomFor(options))) {
        // This one writes over the logits of those before.
        for (const prediction of predictions) await prediction.logits();
        await run(cache, pass);
        if (pass.wanted > 0) predictions.push(...(await head.predictions()));
      }
      return predictions;
    },
    roomInPass,
    fetchedBytes: head.fetchedBytes,
    async release() {
      await session.release();
      await mover.release();
      await head.release();
    },
  };
}

function feedsOf({ at, tokens, positions, wanted, tree }: Pass, buffers: DeviceBuffers) {
  const rows = tokens.length;
  const all = at + rows;
  const bias = new Float32Array(rows * all);
  for (let row = 0; row < rows; row++) {
    for (let key = Math.min(at, tree?.start ?? at); key < all; key++) {
      const isSeen = tree !== undefined && key >= tree.start ? tree.sees(at + row, key) : key <= at + row;
      if (!isSeen) bias[row * all + key] = unseen;
    }
  }
  const returned = Math.max(1, wanted);
  const feeds: Record<string, ort.Tensor> = {
    [decoderInputs.tokens]: int64(tokens, [rows]),
    [decoderInputs.positions]: int64(positions, [1, rows]),
    [decoderInputs.wantedRows]: int64(
      Array.from({ length: returned }, (_, i) => rows - returned + i),
      [returned],
    ),
    [groupedInputs.lastRow]: new ort.Tensor('int32', Int32Array.of(all - 1), [1]),
    [groupedInputs.allRows]: new ort.Tensor('int32', Int32Array.of(all), [1]),
    [groupedInputs.bias]: new ort.Tensor('float32', bias, [1, 1, rows, all]),
  };
  for (const kind of ['key', 'value'] as const)
    for (const [layer, buffer] of buffers[kind].entries()) feeds[cacheName('old', kind, layer)] = buffer;
  return feeds;
}

/** What is computed is written into buffers that are there. */
function fetchesOf(buffers: DeviceBuffers, logits: ort.Tensor): Record<string, ort.Tensor> {
  const fetches: Record<string, ort.Tensor> = { [logitsOutput]: logits };
  for (const kind of ['key', 'value'] as const)
    for (const [layer, buffer] of buffers[kind].entries()) fetches[cacheName('new', kind, layer)] = buffer;
  return fetches;
}

function onDevice(storage: KvStorage): DeviceStorage {
  if (!('settled' in storage)) throw new TypeError('the cache is not on this device');
  return storage as DeviceStorage;
}

const int64 = (values: readonly number[], dims: readonly number[]) =>
  new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
