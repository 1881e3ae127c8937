import * as ort from 'onnxruntime-node';
import { createGraph } from '../../../engine/model/onnx';
import { copyGraph, openOnDevice, withoutWeights } from '../../../engine/runtime/webgpu/session';
import type { MemoryReader } from '../bandwidth';
import { timed } from '../measure';

/** Larger than any cache of a device; smaller where a device binds no buffer of that size, or a run would take seconds. */
const mebibytes = [256, 128, 64, 16] as const;
const longestMs = 1000;
/** Passes over the buffer in one run: waiting for the device's answer is to weigh little beside them. */
const passes = 8;

/**
 * Streams a device's own memory: products of a large buffer with a number, each read once and written once. A single number of the
 * last one crosses to the host, so that a run has ended when its time is taken.
 */
export async function startDeviceReader(): Promise<MemoryReader> {
  let failure: unknown;
  for (const size of mebibytes) {
    try {
      const reader = await openReader((size * 2 ** 20) / Float32Array.BYTES_PER_ELEMENT);
      const { ms } = await timed(reader.read);
      if (ms <= longestMs || size === mebibytes.at(-1)) return reader;
      await reader.release();
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function openReader(elements: number): Promise<MemoryReader> {
  const copies = await openOnDevice(copyGraph());
  const session = await ort.InferenceSession.create(streamGraph(elements), {
    executionProviders: ['webgpu'],
    logSeverityLevel: 3,
  });
  const x = new ort.Tensor('float32', new Float32Array(elements), [1, 1, 1, elements]);
  const { y: buffer } = await copies.run({ x });
  const release = async () => {
    buffer?.dispose();
    await session.release();
    await copies.release();
  };
  if (buffer === undefined) throw new TypeError('the copying graph lacks its output');
  const read = async () => void (await session.run({ x: buffer }));
  try {
    await read();
  } catch (error) {
    await release();
    throw error;
  }
  return { bytes: 2 * passes * elements * Float32Array.BYTES_PER_ELEMENT, read, release };
}

function streamGraph(elements: number): Uint8Array {
  const graph = createGraph(withoutWeights);
  const dims = [1, 1, 1, elements];
  let at = graph.input('x', 'float32', dims);
  const factor = graph.constant('float32', [1], Float32Array.of(1.0001));
  for (let pass = 0; pass < passes; pass++) at = graph.op('Mul', [at, factor]);
  graph.op('Slice', [at, graph.ints([0]), graph.ints([1]), graph.ints([3])], {}, 'first');
  graph.output('first', 'float32', [1, 1, 1, 1]);
  return graph.encode('stream');
}
