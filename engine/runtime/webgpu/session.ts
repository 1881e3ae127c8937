import * as ort from 'onnxruntime-node';
import { createGraph } from '../../model/onnx';

/** Graphs that hold no weights have no file beside them. */
export const withoutWeights = {
  fileName: '',
  append: () => Promise.reject(new RangeError('a graph without a weights file has a large weight')),
};

/** A session on the GPU whose outputs stay there. */
export const openOnDevice = (graph: Uint8Array) =>
  ort.InferenceSession.create(graph, {
    executionProviders: ['webgpu'],
    preferredOutputLocation: 'gpu-buffer',
    logSeverityLevel: 3,
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
