import type { Device } from './graph';
import type { Graph } from './onnx';
import { quantiseBlocks, quantiseBytes, quantiseChannels } from './quantize';

/** How the weights of the large products are held. */
export type Precision = 'fp32' | 'int8' | 'int4';

/**
 * Names of the graph inputs that describe 8-bit activations. They are inputs rather than constants since
 * CPUs without VNNI add two u8 x s8 products in 16 bits: there 7-bit activations keep the sums exact.
 */
export const activationInputs = {
  /** `[]`, uint8 */
  zeroPoint: 'activation_zero_point',
  /** `[]`, float32: 1 / the largest code. */
  step: 'activation_step',
} as const;

const int4Block = 32;
/** Blocks of 8 bits, for devices without products of 8-bit activations. */
export const byteBlock = 32;
/** int8 products inside MatMulNBits round the activations per block: only at 0 do rows not depend on their batch. */
const exactAccumulation = 0;

export interface LinearWeights {
  /** `[outputs, inputs]` */
  readonly matrix: Float32Array;
  readonly outputs: number;
  readonly inputs: number;
  readonly bias?: Float32Array | undefined;
}

/** A value whose rows still have to be multiplied by `rowScale`, `[rows, 1]`, where there is one. */
export interface Scaled {
  readonly value: string;
  readonly rowScale?: string | undefined;
}

/**
 * Emitter of the products of one graph. Products of the same input share its quantised form.
 * int8 is W8A8: weights per output channel, activations per row, so that a row's result does not depend on
 * the rows that run with it. int4 is blocks of 32 with float activations.
 */
export function createLinear(graph: Graph, precision: Precision, device: Device) {
  const quantised = new Map<string, { codes: string; scale: string }>();

  const quantise = ({ value, rowScale }: Scaled) => {
    const known = quantised.get(value);
    if (known) return known;
    const range = graph.op('ReduceMax', [graph.op('Abs', [value]), graph.ints([1])], { keepdims: 1 });
    // A row of zeros has range 0: whatever its codes are, the product is multiplied by 0 again.
    const unit = graph.op('Div', [value, range]);
    const codes = graph.op('QuantizeLinear', [unit, activationInputs.step, activationInputs.zeroPoint]);
    const entry = { codes, scale: rowScale ? graph.op('Mul', [range, rowScale]) : range };
    quantised.set(value, entry);
    return entry;
  };

  const float32 = async (x: string, name: string, w: LinearWeights, output?: string) => {
    const matrix = await graph.weight(name, 'float32', [w.outputs, w.inputs], w.matrix);
    const bias = w.bias ? [await graph.weight(`${name}.bias`, 'float32', [w.outputs], w.bias)] : [];
    return graph.op('Gemm', [x, matrix, ...bias], { transB: 1 }, output);
  };

  const scaled = ({ value, rowScale }: Scaled, output?: string) =>
    rowScale ? graph.op('Mul', [value, rowScale], {}, output) : value;

  const addBias = async (y: string, name: string, bias: Float32Array | undefined) =>
    bias ? graph.op('Add', [y, await graph.weight(`${name}.bias`, 'float32', [bias.length], bias)]) : y;

  const int8 = async (x: Scaled, name: string, w: LinearWeights): Promise<Scaled> => {
    const { codes, scales } = quantiseChannels(w.matrix, w.outputs, w.inputs);
    const weight = await graph.weight(name, 'int8', [w.inputs, w.outputs], codes);
    const weightScale = await graph.weight(`${name}.scale`, 'float32', [w.outputs], scales);
    const input = quantise(x);
    const { step, zeroPoint } = activationInputs;
    const operands = [input.codes, weight, step, weightScale, zeroPoint];
    const product = { value: graph.ms('MatMulIntegerToFloat', operands), rowScale: input.scale };
    return w.bias ? { value: await addBias(scaled(product), name, w.bias) } : product;
  };

  const int4 = async (x: string, name: string, w: LinearWeights) => {
    const blocks = w.inputs / int4Block;
    const q = quantiseBlocks(w.matrix, w.outputs, w.inputs, int4Block);
    const weight = await graph.weight(name, 'uint8', [w.outputs, blocks, int4Block / 2], q.codes);
    const scale = await graph.weight(`${name}.scale`, 'float32', [w.outputs * blocks], q.scales);
    const zero = await graph.weight(`${name}.zero`, 'uint8', [q.zeroPoints.length], q.zeroPoints);
    const attributes = {
      K: w.inputs,
      N: w.outputs,
      bits: 4,
      block_size: int4Block,
      accuracy_level: exactAccumulation,
    };
    return addBias(graph.ms('MatMulNBits', [x, weight, scale, zero], attributes), name, w.bias);
  };

  /** Rows that are no whole number of blocks keep their precision. */
  const blocksOf8 = async (x: string, name: string, w: LinearWeights, output?: string) => {
    if (w.inputs % byteBlock !== 0) return float32(x, name, w, output);
    const blocks = w.inputs / byteBlock;
    const q = quantiseBytes(w.matrix, w.outputs, w.inputs, byteBlock);
    const weight = await graph.weight(name, 'uint8', [w.outputs, blocks, byteBlock], q.codes);
    const scale = await graph.weight(`${name}.scale`, 'float32', [w.outputs * blocks], q.scales);
    const attributes = { K: w.inputs, N: w.outputs, bits: 8, block_size: byteBlock };
    const value = graph.ms('MatMulNBits', [x, weight, scale], attributes, w.bias ? undefined : output);
    return addBias(value, name, w.bias);
  };

  const product = async (x: Scaled, name: string, w: LinearWeights): Promise<Scaled> => {
    if (precision === 'fp32') return { value: await float32(scaled(x), name, w) };
    if (precision === 'int4' && w.inputs % int4Block === 0) return { value: await int4(scaled(x), name, w) };
    return device === 'cpu' ? int8(x, name, w) : { value: await blocksOf8(scaled(x), name, w) };
  };

  return {
    /** `[rows, inputs]` -> `[rows, outputs]` */
    async product(x: Scaled, name: string, weights: LinearWeights): Promise<string> {
      return scaled(await product(x, name, weights));
    },
    /** The same with the rows' scales left for later: a following product can take them for free. */
    unscaledProduct: product,
    /** The output matrix on the wanted rows: kept at 8 bits under int4, where its rounding costs the most. */
    async vocabularyProduct(x: string, name: string, weights: LinearWeights, output: string): Promise<void> {
      if (precision === 'fp32') await float32(x, name, weights, output);
      else if (device === 'webgpu') await blocksOf8(x, name, weights, output);
      else scaled(await int8({ value: x }, name, weights), output);
    },
    /** Declares the inputs that `int8` products read. */
    declareInputs(): void {
      graph.input(activationInputs.zeroPoint, 'uint8', []);
      graph.input(activationInputs.step, 'float32', []);
    },
  };
}

export type Linear = ReturnType<typeof createLinear>;
