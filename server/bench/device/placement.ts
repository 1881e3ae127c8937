import type { Precision } from '../../../engine/model/linear';
import type { BenchOptions } from '../suite';
import { adapter, adapterNote } from './adapter';
import { selfTested } from './choice';
import type { DeviceName } from './contender';

/** Where a suite's model runs, and what its report says of that. */
export interface Placement {
  readonly device: DeviceName;
  readonly precision: Precision;
  readonly rowsPerPass?: number | undefined;
  readonly notes: readonly string[];
}

/** On the GPU where that is asked for, with as many rows to a pass as are right there; else on the processor. */
export async function placed(directory: string, options: BenchOptions): Promise<Placement> {
  const { device, precision = 'int8', cacheDirectory, progress } = options;
  if (device !== 'webgpu')
    return { device: 'cpu', precision, notes: [`Device: cpu, weights at ${precision}.`] };
  progress('whether the GPU computes right');
  const { note, rowsPerPass } = await selfTested(directory, precision, cacheDirectory);
  return {
    device,
    precision,
    rowsPerPass,
    notes: [`Device: webgpu, weights at ${precision}; ${note}`, adapterNote(await adapter())],
  };
}
