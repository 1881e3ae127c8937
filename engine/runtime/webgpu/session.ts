import * as ort from 'onnxruntime-node';
import { createGraph } from '../../model/onnx';

/** Graphs that hold no weights have no file beside them. */
export const withoutWeights = {
  fileName: '',
  append: () => Promise.reject(new RangeError('a graph without a weights file has a large weight')),
};

/** Who runs the graphs made for a GPU: one, or the processor, whose results are what the GPU's are held against. */
export type Provider = 'webgpu' | 'cpu';

export const sessionOptions = (provider: Provider) =>
  ({ executionProviders: [provider], logSeverityLevel: 3 }) as const;

/** A session whose outputs stay on the device. */
export const openOnDevice = (graph: Uint8Array, provider: Provider = 'webgpu') =>
  ort.InferenceSession.create(graph, {
    ...sessionOptions(provider),
    ...(provider === 'webgpu' && { preferredOutputLocation: 'gpu-buffer' }),
  });

/** Copies a tensor onto the device. */
export function copyGraph(): Uint8Array {
  const graph = createGraph(withoutWeights);
  const dims = ['a', 'b', 'c', 'd'];
  graph.input('x', 'float32', dims);
  graph.op('Mul', ['x', graph.constant('float32', [1], Float32Array.of(1))], {}, 'y');
  graph.output('y', 'float32', dims);
  return graph.encode('copy');
}

/** Why nothing can run on the GPU of this machine; undefined where it can. */
export async function deviceRefusal(): Promise<string | undefined> {
  try {
    const session = await openOnDevice(copyGraph());
    await session.release();
    return undefined;
  } catch (error) {
    // Behind where in onnxruntime it was comes what it was.
    const whole = error instanceof Error ? error.message : String(error);
    return whole.trim().split('\n').at(-1)?.split(' was false. ').at(-1);
  }
}
