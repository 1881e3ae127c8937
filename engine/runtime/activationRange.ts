import * as ort from 'onnxruntime-node';
import { createGraph } from '../model/onnx';

/** Codes of 8-bit activations: `zeroPoint - largest ... zeroPoint + largest`. */
export interface ActivationRange {
  readonly zeroPoint: number;
  readonly largest: number;
}

const eightBits: ActivationRange = { zeroPoint: 128, largest: 127 };
const sevenBits: ActivationRange = { zeroPoint: 64, largest: 63 };

/**
 * The widest activation codes whose products with int8 weights this CPU sums exactly. x86 without VNNI adds
 * pairs of u8 x s8 products in saturating 16 bits (vpmaddubsw): 255 * 127 twice does not fit, 127 * 127 twice
 * does. Found by computing the worst case once.
 */
export async function activationRange(): Promise<ActivationRange> {
  const inputs = 64;
  const graph = createGraph({
    fileName: '',
    append: () => Promise.reject(new Error('the test graph has no large weights')),
  });
  graph.input('codes', 'uint8', [1, inputs]);
  graph.output('sum', 'int32', [1, 16]);
  const weights = new Int8Array(inputs * 16).fill(127);
  graph.op('MatMulInteger', ['codes', graph.constant('int8', [inputs, 16], weights)], {}, 'sum');
  const session = await ort.InferenceSession.create(graph.encode('product-test'), {
    executionProviders: ['cpu'],
  });
  try {
    const codes = new ort.Tensor('uint8', new Uint8Array(inputs).fill(255), [1, inputs]);
    const { sum } = await session.run({ codes });
    return sum?.data[0] === inputs * 255 * 127 ? eightBits : sevenBits;
  } finally {
    await session.release();
  }
}
