import * as ort from 'onnxruntime-node';
import { createGraph } from '../../model/onnx';
import { openOnDevice, type Provider, withoutWeights } from './session';

/** Makes buffers on a device. */
export interface Blanks {
  /** A float32 tensor of zeros, which never were in this machine's memory. */
  make(dims: readonly [number, number, number, number]): Promise<ort.Tensor>;
  release(): Promise<void>;
}

export async function openBlanks(provider: Provider): Promise<Blanks> {
  const session = await openOnDevice(blankGraph(), provider);
  return {
    async make(dims) {
      const shape = new ort.Tensor('int64', BigInt64Array.from(dims, BigInt), [dims.length]);
      return (await session.run({ shape })).zeros as ort.Tensor;
    },
    release: () => session.release(),
  };
}

function blankGraph(): Uint8Array {
  const graph = createGraph(withoutWeights);
  graph.input('shape', 'int64', [4]);
  graph.op('Expand', [graph.constant('float32', [1], Float32Array.of(0)), 'shape'], {}, 'zeros');
  graph.output('zeros', 'float32', ['a', 'b', 'c', 'd']);
  return graph.encode('blank');
}
