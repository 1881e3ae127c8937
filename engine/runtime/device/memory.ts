import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ModelConfig, readConfig } from '../../model/config';
import type { Precision } from '../../model/linear';
import { requiredTensors } from '../../model/tensors';
import type { EngineOptions } from '../engine';

/** Memory that can be had for a device, and who says so. */
export interface FreeMemory {
  readonly bytes: number;
  readonly source: string;
}

/** Bytes of a weight, with the scales of its block of 32. */
const bytesPerWeight: Record<Precision, number> = { fp32: 4, int8: 1 + 4 / 32, int4: 0.5 + 4 / 32 };

/** Shaders, and what passes need between their first and last node. */
const scratchBytes = 64 * 2 ** 20;

/**
 * Bytes that a model takes on a device: its weights, one document's cache, old and new while it moves, and the logits of as
 * many rows as a pass predicts from.
 * @param contextTokens prompt and completion together
 */
export function footprint(config: ModelConfig, precision: Precision, contextTokens: number): number {
  const { layers, kvHeads, headDim, vocabSize } = config;
  const weights = requiredTensors(config).reduce(
    (sum, { shape }) => sum + bytesPerWeight[precision] * shape.reduce((a, b) => a * b, 1),
    0,
  );
  // A cache grows by doubling.
  const rows = 2 ** Math.ceil(Math.log2(Math.min(contextTokens, config.maxPositions)));
  const cache = 2 * layers * kvHeads * headDim * rows * Float32Array.BYTES_PER_ELEMENT;
  const logits = 32 * vocabSize * Float32Array.BYTES_PER_ELEMENT;
  return weights + 2 * cache + logits + scratchBytes;
}

/** Why a model does not fit on the GPU as it is now; undefined where it does. */
export async function memoryShortage({
  modelDirectory,
  precision,
  contextTokens,
}: ShortageOptions): Promise<string | undefined> {
  const needed = footprint(await readConfig(modelDirectory), precision, contextTokens);
  const { bytes, source } = await freeDeviceMemory();
  if (needed <= bytes) return undefined;
  return `The GPU has too little memory: the model needs ${mebibytes(needed)} MiB and ${source} reports ${mebibytes(bytes)} MiB free.`;
}

type ShortageOptions = Pick<EngineOptions, 'modelDirectory' | 'precision' | 'contextTokens'>;

const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);

/** What the graphics device reports; where it shares the system's memory, or says nothing, what is free of that. */
export async function freeDeviceMemory(): Promise<FreeMemory> {
  return (await nvidiaMemory()) ?? (await amdMemory()) ?? { bytes: freemem(), source: 'the system' };
}

async function nvidiaMemory(): Promise<FreeMemory | undefined> {
  try {
    const query = ['--query-gpu=memory.free', '--format=csv,noheader,nounits'];
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: 3000 });
    const mebibytes = Number.parseInt(stdout, 10);
    return mebibytes > 0 ? { bytes: mebibytes * 2 ** 20, source: 'nvidia-smi' } : undefined;
  } catch {
    return undefined;
  }
}

/** Of a card with memory of its own; an integrated one reports the little that the firmware has set aside. */
async function amdMemory(): Promise<FreeMemory | undefined> {
  const cards = await readdir('/sys/class/drm').catch(() => []);
  for (const card of cards.filter((name) => /^card\d+$/.test(name))) {
    const read = async (name: string) =>
      Number(await readFile(join('/sys/class/drm', card, 'device', name), 'utf8').catch(() => Number.NaN));
    const total = await read('mem_info_vram_total');
    if (total > 2 ** 31) return { bytes: total - (await read('mem_info_vram_used')), source: 'its driver' };
  }
  return undefined;
}
