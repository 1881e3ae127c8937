import * as ort from 'onnxruntime-node';
import { KvCache, type KvStorage } from '../../cache/kvCache';
import { createKeyRotation, rotationRefusal } from '../../cache/rotation';
import { SlipstreamError } from '../../errors';
import { buildGraph, tablePositions } from '../../model/build';
import type { ModelConfig } from '../../model/config';
import { decoderInputs, logitsOutput } from '../../model/graph';
import { cacheName, groupedInputs } from '../../model/groupedAttention';
import type { Decoder, DecoderOptions } from '../decoder';
import { forwardInPasses, type Pass } from '../passes';
import { createMover } from './mover';
import { deviceRefusal } from './session';
import { createDeviceStorage, type DeviceBuffers, type DeviceStorage } from './storage';

/** onnxruntime's attention of 32 rows and more is wrong on some devices (FlashAttention; microsoft/onnxruntime issue 26064). */
const mostRows = 31;
/** What a row must not see is this far below all that it may. */
const unseen = -1e9;

/**
 * A decoder on the GPU, by onnxruntime's WebGPU provider. Its cache stays on the device.
 * @throws SlipstreamError device-unavailable where there is no adapter, or it refuses the graph
 */
export async function loadGpuDecoder(options: DecoderOptions, config: ModelConfig): Promise<Decoder> {
  const refusal = await deviceRefusal();
  if (refusal !== undefined) throw unavailable(refusal);
  const path = await buildGraph({ ...options, config, device: 'webgpu' });
  try {
    const session = await ort.InferenceSession.create(path, {
      executionProviders: ['webgpu'],
      logSeverityLevel: 3,
    });
    return await createDecoder(session, config, options);
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
  { precision }: DecoderOptions,
): Promise<Decoder> {
  const { layers, kvHeads, headDim, rope, vocabSize } = config;
  const shape = { layers, kvHeads, headDim };
  const maxPositions = tablePositions(config);
  const mover = await createMover(shape, rope, maxPositions);
  return {
    config,
    device: 'webgpu',
    precision,
    maxPositions,
    // Products of one row have another kernel than those of several.
    independentRows: false,
    newCache: () => new KvCache(createDeviceStorage(shape, mover)),
    rotateKeys: rotationRefusal(rope) === undefined ? createKeyRotation(rope, headDim) : undefined,
    forward: forwardInPasses(
      config,
      () => mostRows,
      async ({ storage }, pass) => {
        const buffers = await onDevice(storage).settled();
        const results = await session.run(feedsOf(pass, buffers), fetchesOf(buffers));
        const logits = results[logitsOutput]?.data;
        if (!(logits instanceof Float32Array)) throw new TypeError('the graph lacks an output');
        return pass.wanted === 0 ? logits.subarray(0, 0) : logits.subarray(0, pass.wanted * vocabSize);
      },
    ),
    async release() {
      await session.release();
      await mover.release();
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
  // A graph has no output of no rows: one that nobody wanted is left.
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

/** The new rows are written into the buffers themselves. */
function fetchesOf(buffers: DeviceBuffers): Record<string, ort.Tensor | null> {
  const fetches: Record<string, ort.Tensor | null> = { [logitsOutput]: null };
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
