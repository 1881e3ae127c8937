import * as ort from 'onnxruntime-node';
import { createGraph } from '../../engine/model/onnx';
import { interleave, type Sampler, timed } from './measure';

/** The largest product of a layer in the 0.5B shape. */
const inputs = 896;
const outputs = 4864;
/** Different matrices in turn, so that none stays in the CPU's second-level cache. */
const matrices = 6;

/**
 * Milliseconds of the bare u8 x s8 product for 1 row and for `rows`: what onnxruntime's kernel gives on this
 * CPU, and so the floor of what a pass over several rows can cost.
 */
export async function productTimes(rows: number, threads: number) {
  const graph = createGraph({
    fileName: '',
    append: () => Promise.reject(new Error('the matrices are small enough for the model file')),
  });
  graph.input('codes', 'uint8', ['rows', inputs]);
  for (let i = 0; i < matrices; i++) {
    const weights = Int8Array.from({ length: inputs * outputs }, (_, at) => ((at * 31 + i) % 255) - 127);
    const product = graph.op('MatMulInteger', [
      'codes',
      graph.constant('int8', [inputs, outputs], weights),
      graph.constant('uint8', [], Uint8Array.of(128)),
    ]);
    // One number per product comes back: copying the results would cost more than they do.
    graph.op('ReduceMax', [product, graph.ints([0, 1])], { keepdims: 0 }, `result_${i}`);
    graph.output(`result_${i}`, 'int32', []);
  }
  const session = await ort.InferenceSession.create(graph.encode('product'), {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
  });
  const sampler = (count: number): Sampler => {
    const codes = new ort.Tensor('uint8', new Uint8Array(count * inputs).fill(200), [count, inputs]);
    return async () => {
      const samples: number[] = [];
      for (let i = 0; i < 8; i++) samples.push((await timed(() => session.run({ codes }))).ms / matrices);
      return samples;
    };
  };
  try {
    const times = await interleave(
      new Map([
        ['one', sampler(1)],
        ['many', sampler(rows)],
      ]),
      8,
    );
    return { oneMs: times.get('one') ?? Number.NaN, manyMs: times.get('many') ?? Number.NaN };
  } finally {
    await session.release();
  }
}
