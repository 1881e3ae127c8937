import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createFolder, writeGraph } from '../../model/build';
import type { ModelConfig } from '../../model/config';
import type { Precision } from '../../model/linear';
import { requiredTensors } from '../../model/tensors';
import type { Decoder } from '../decoder';
import { carefulRun, type GpuRun, openGpuDecoder } from './decoder';

/** What a self-test found out. */
export interface SelfTest {
  /** How graphs have to be run for right results; undefined where none is right. */
  readonly run: GpuRun | undefined;
  /** For each way that was tried, how far its logits are from the processor's, as a part of the largest. */
  readonly errors: readonly { readonly rowsPerPass: number; readonly error: number }[];
}

export interface SelfTestOptions {
  /** The model that is to run: the test takes over its kind of block, its heads and its rotation. */
  readonly config: ModelConfig;
  readonly precision: Precision;
  /** Where the graph of the test lies while it runs. */
  readonly cacheDirectory: string;
}

/** More rows than a completion encodes in one pass gain nothing. */
const wideRun: GpuRun = { provider: 'webgpu', rowsPerPass: 256 };

/** What a device may be off by: rounding makes 1e-5 of it, a wrong kernel 1e-2. */
const tolerance = 1e-3;

/**
 * Holds a device against onnxruntime's own CPU provider, on a small model with random weights and the same graphs: long and short
 * passes, a tree, a branch that is kept, rows that are moved and turned, a cache that grows. onnxruntime's attention of 32 rows and
 * more is wrong on some devices (microsoft/onnxruntime issue 26064), so where long passes fail short ones are tried.
 * @throws SlipstreamError device-unavailable where the device refuses the graph, cache-unwritable
 */
export async function selfTest({ config, precision, cacheDirectory }: SelfTestOptions): Promise<SelfTest> {
  // Of one that is killed, the next build removes what is left, as of a build that was.
  const folder = join(cacheDirectory, `self-test.${randomUUID()}.partial`);
  await createFolder(folder);
  try {
    const small = smallModel(config);
    const path = await writeGraph(folder, randomWeights(small), {
      config: small,
      precision,
      device: 'webgpu',
    });
    const outputs = async (run: GpuRun) => {
      const decoder = await openGpuDecoder(path, small, precision, run);
      try {
        return await exercise(decoder);
      } finally {
        await decoder.release();
      }
    };
    const right = await outputs({ ...carefulRun, provider: 'cpu' });
    const errors: { rowsPerPass: number; error: number }[] = [];
    for (const run of [wideRun, carefulRun]) {
      const error = relativeError(await outputs(run), right);
      errors.push({ rowsPerPass: run.rowsPerPass, error });
      if (error <= tolerance) return { run, errors };
    }
    return { run: undefined, errors };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same kind of model in sizes that take no time, but that kernels for aligned sizes accept. */
function smallModel(config: ModelConfig): ModelConfig {
  const kvHeads = Math.min(config.kvHeads, 2);
  return {
    ...config,
    layers: 2,
    heads: (config.heads / config.kvHeads) * kvHeads,
    kvHeads,
    hiddenSize: 256,
    intermediateSize: 512,
    vocabSize: 512,
    maxPositions: 4096,
  };
}

/** Weights that keep activations at their size from layer to layer, the same in each run. */
function randomWeights(config: ModelConfig) {
  const shapes = new Map(requiredTensors(config).map(({ name, shape }) => [name, shape]));
  let state = 1;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 31 - 1) * Math.sqrt(3);
  };
  return async (name: string): Promise<Float32Array> => {
    const shape = shapes.get(name) ?? [];
    const scale = shape.length === 2 ? 1 / Math.sqrt(shape[1] as number) : 0.1;
    const middle = name.endsWith('norm.weight') ? 1 : 0;
    return Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => middle + scale * uniform());
  };
}

/** All that is done to a cache; returns the logits of every pass. */
async function exercise(decoder: Decoder): Promise<Float32Array[]> {
  const cache = decoder.newCache();
  const logits: Float32Array[] = [];
  const forward = async (tokens: readonly number[], options: Parameters<Decoder['forward']>[2]) =>
    logits.push(Float32Array.from(await decoder.forward(cache, tokens, options)));
  const ids = (count: number, from: number) =>
    Array.from({ length: count }, (_, i) => ((from + i) * 7919 + 13) % decoder.config.vocabSize);
  await forward(ids(100, 0), { logits: 4 });
  await forward(ids(1, 100), { logits: 1 });
  await forward(ids(5, 101), { logits: 5, parents: [-1, 0, 1, 0, 3] });
  cache.keepBranch(101, [101, 104, 105]);
  await forward(ids(1, 200), { logits: 1 });
  const kept = [
    { from: 0, to: 0, length: 30 },
    { from: 40, to: 35, length: 40 },
  ];
  cache.rearrange(kept, decoder.rotateKeys);
  await forward(ids(5, 300), { logits: 1, at: 30 });
  await forward(ids(1, 400), { logits: 1 });
  await forward(ids(240, 500), { logits: 8 });
  await forward(ids(1, 800), { logits: 1 });
  cache.storage.dispose();
  return logits;
}

/** The largest difference, as a part of the largest value; infinite where something is no number. */
function relativeError(values: readonly Float32Array[], right: readonly Float32Array[]): number {
  let largest = 0;
  let difference = 0;
  for (const [pass, row] of right.entries()) {
    for (const [i, value] of row.entries()) {
      largest = Math.max(largest, Math.abs(value));
      const off = Math.abs((values[pass]?.[i] ?? Number.NaN) - value);
      if (!(off <= difference)) difference = Number.isNaN(off) ? Number.POSITIVE_INFINITY : off;
    }
  }
  return difference / largest;
}
