import { readConfig } from '../../model/config';
import { loadCpuDecoder } from '../cpu/decoder';
import type { EngineOptions } from '../engine';
import { findExportedGraph } from '../exported/files';
import { loadGpuDecoder } from '../webgpu/decoder';
import { selfTest } from '../webgpu/selfTest';
import { deviceRefusal } from '../webgpu/session';
import type { DeviceChoice } from './choice';
import { memoryShortage } from './memory';
import { probe } from './probe';

/** Quantising a model of some billion weights takes minutes; nothing else does where a driver works. */
const longestBuildMs = 30 * 60_000;
const longestPhaseMs = 120_000;

/** A device has to be this much faster to be worth its start and its memory. */
const leastGain = 0.9;

/**
 * Tries the GPU for a model: whether there is one, whether the model fits, whether it computes what the processor computes, and
 * which of the two answers sooner. A driver may end the process that this runs in.
 * @param begin told before each part how long it may take: a driver that hangs is as useless as one that crashes
 * @throws SlipstreamError what loading the model throws
 */
export async function tryGpu(
  options: EngineOptions,
  begin: (longestMs: number) => void,
): Promise<DeviceChoice> {
  const { precision, cacheDirectory } = options;
  const refused = (reason: string): DeviceChoice => ({ device: 'cpu', reason, at: Date.now() });
  begin(longestPhaseMs);
  const config = await readConfig(options.modelDirectory);
  const exported = await findExportedGraph(options.modelDirectory, config, precision);
  if (exported !== undefined)
    return refused(`The model is an exported graph (${exported.file}), and those run on the processor only.`);
  const missing = await deviceRefusal();
  if (missing !== undefined) return refused(`There is no GPU that WebGPU can use (${missing}).`);

  const shortage = await memoryShortage(options);
  if (shortage !== undefined) return { ...refused(shortage), isPassing: true };

  const { run, errors } = await selfTest({ config, precision, cacheDirectory });
  const tried = errors.map(
    ({ rowsPerPass, error }) => `${error.toExponential(0)} in passes of ${rowsPerPass}`,
  );
  if (run === undefined)
    return refused(`The GPU computes wrong results: logits are off by ${tried.join(', ')}.`);
  const { error = 0 } = errors.at(-1) ?? {};

  begin(longestBuildMs);
  const gpu = await loadGpuDecoder({ ...options, device: 'webgpu' }, config, run);
  begin(longestPhaseMs);
  const gpuMs = await probe(gpu);
  await gpu.release();
  begin(longestBuildMs);
  const cpu = await loadCpuDecoder({ ...options, device: 'cpu' }, config);
  const cpuMs = await probe(cpu);
  await cpu.release();
  const isFaster = gpuMs <= leastGain * cpuMs;
  const shorter =
    errors.length > 1 ? `, in passes of ${run.rowsPerPass} rows, since longer ones are wrong,` : '';
  return {
    device: isFaster ? 'webgpu' : 'cpu',
    reason: `A typical line takes ${milliseconds(gpuMs)} ms on the GPU${shorter} and ${milliseconds(cpuMs)} ms on the processor.`,
    gpu: { rowsPerPass: run.rowsPerPass, error, ms: gpuMs },
    cpuMs,
    at: Date.now(),
  };
}

const milliseconds = (ms: number) => ms.toFixed(ms < 10 ? 1 : 0);
