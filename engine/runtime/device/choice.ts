import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findWeightFiles } from '../../model/weightFiles';
import type { EngineOptions } from '../engine';
import { deviceIdentity } from './identity';

/** Which device runs a model, and why. */
export interface DeviceChoice {
  readonly device: 'cpu' | 'webgpu';
  /** One sentence, with the figures. */
  readonly reason: string;
  /** Set where the reason may be gone with the next start: it is not remembered. */
  readonly isPassing?: true;
  /** How the GPU computes right; absent where it does not, or was not tried. */
  readonly gpu?: GpuFigures;
  /** Milliseconds of a typical completion on the processor. */
  readonly cpuMs?: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface GpuFigures {
  /** Most rows of a pass for which the self-test was right. */
  readonly rowsPerPass: number;
  /** How far logits were from the processor's, as a part of the largest. */
  readonly error: number;
  /** Milliseconds of a typical completion. */
  readonly ms: number;
}

export type ChoiceOptions = Pick<
  EngineOptions,
  'modelDirectory' | 'precision' | 'threads' | 'cacheDirectory'
>;

/** Raise it when the trial or the graphs change. */
const trialVersion = 1;
/** A device that was refused may have been busy: it is tried again some time. */
const refusalMs = 7 * 24 * 60 * 60 * 1000;
const mostChoices = 64;

const fileOf = (cacheDirectory: string) => join(cacheDirectory, 'devices.json');

/** What an earlier trial chose for this model on this device with this driver. */
export async function storedChoice(options: ChoiceOptions): Promise<DeviceChoice | undefined> {
  const stored = (await readChoices(options.cacheDirectory))[await keyOf(options)];
  if (stored === undefined) return undefined;
  return stored.gpu === undefined && Date.now() - stored.at > refusalMs ? undefined : stored;
}

/** A choice that cannot be written is made again with the next start. */
export async function storeChoice(options: ChoiceOptions, choice: DeviceChoice): Promise<void> {
  const { cacheDirectory } = options;
  const others = Object.entries(await readChoices(cacheDirectory)).sort(([, a], [, b]) => b.at - a.at);
  const kept = Object.fromEntries(others.slice(0, mostChoices - 1));
  const file = fileOf(cacheDirectory);
  const partial = `${file}.${process.pid}.partial`;
  try {
    await mkdir(cacheDirectory, { recursive: true });
    await writeFile(partial, JSON.stringify({ ...kept, [await keyOf(options)]: choice }, null, 1));
    await rename(partial, file);
  } catch {
    // Whoever cannot write here is told so when the graph is built.
  }
}

async function readChoices(cacheDirectory: string): Promise<Record<string, DeviceChoice>> {
  try {
    return JSON.parse(await readFile(fileOf(cacheDirectory), 'utf8'));
  } catch {
    return {};
  }
}

/** The model by its files' sizes and times: its content takes seconds to read where it is large. */
async function keyOf({ modelDirectory, precision, threads }: ChoiceOptions): Promise<string> {
  const { names } = await findWeightFiles(modelDirectory).catch(() => ({ names: [] }));
  const files = await Promise.all(
    names.map((name) => stat(join(modelDirectory, name)).then(({ size, mtimeMs }) => [name, size, mtimeMs])),
  );
  const parts = [trialVersion, modelDirectory, files, precision, threads, await deviceIdentity()];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
