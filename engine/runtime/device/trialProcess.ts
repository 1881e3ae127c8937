/** The process in which a GPU is tried for the first time: a driver that ends it ends nothing else. */
import { SlipstreamError } from '../../errors';
import type { EngineOptions } from '../engine';
import type { Failure } from '../messages';
import { disableTelemetry } from '../telemetry';
import type { DeviceChoice } from './choice';
import { tryGpu } from './trial';

/** How long the part of the trial that begins may take. */
export interface TrialPart {
  readonly longestMs: number;
}

export type TrialResult =
  | { readonly choice: DeviceChoice }
  /** What is no fault of the device, such as a model that is missing. */
  | { readonly error: Failure }
  | { readonly failure: string };

disableTelemetry();
process.once('message', async (options: EngineOptions) => {
  const begin = (longestMs: number) => void process.send?.({ longestMs } satisfies TrialPart);
  const result = await tryGpu(options, begin).then(
    (choice): TrialResult => ({ choice }),
    (error: unknown): TrialResult =>
      error instanceof SlipstreamError && error.code !== 'device-unavailable'
        ? { error: { code: error.code, message: error.message } }
        : { failure: error instanceof Error ? error.message : String(error) },
  );
  process.send?.(result, () => process.exit());
});
process.on('disconnect', () => process.exit());
