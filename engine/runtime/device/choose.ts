import { SlipstreamError } from '../../errors';
import type { EngineOptions } from '../engine';
import { type DeviceChoice, storeChoice, storedChoice } from './choice';
import { endOf, forkBeside } from './process';
import type { TrialPart, TrialResult } from './trialProcess';

/** Until a process that has just been started says more. */
const longestStartMs = 60_000;

/**
 * Tries the GPU for a model in a process of its own, and remembers what came of it.
 * @param signal ends a trial that nobody waits for; nothing is remembered then
 * @throws SlipstreamError what is wrong with the model or the cache rather than with the device
 */
export async function tryDevice(options: EngineOptions, signal?: AbortSignal): Promise<DeviceChoice> {
  const result = await runTrial(options, signal);
  if ('error' in result) throw new SlipstreamError(result.error.code, result.error.message);
  const choice: DeviceChoice =
    'choice' in result
      ? result.choice
      : { device: 'cpu', reason: `The GPU could not be tried: ${result.failure}`, at: Date.now() };
  if (!signal?.aborted && !choice.isPassing) await storeChoice(options, choice);
  return choice;
}

/** What was chosen before for this model, device and driver; else by a new trial. */
export async function deviceChoice(options: EngineOptions, signal?: AbortSignal): Promise<DeviceChoice> {
  return (await storedChoice(options)) ?? (await tryDevice(options, signal));
}

/** A device that failed at work is not trusted until it has changed, or some days have passed. */
export async function distrustDevice(options: EngineOptions, why: string): Promise<void> {
  await storeChoice(options, { device: 'cpu', reason: `The GPU failed at work: ${why}`, at: Date.now() });
}

function runTrial(options: EngineOptions, signal: AbortSignal | undefined): Promise<TrialResult> {
  const { child, lastWords } = forkBeside(options, 'deviceTrial.js');
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  return new Promise<TrialResult>((resolve) => {
    const failed = (failure: string) => resolve({ failure });
    let timer: NodeJS.Timeout | undefined;
    const allow = (longestMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        failed(`it hung for ${longestMs / 1000} s.`);
        kill();
      }, longestMs);
    };
    allow(longestStartMs);
    child.on('message', (message: TrialPart | TrialResult) =>
      'longestMs' in message ? allow(message.longestMs) : resolve(message),
    );
    child.once('error', (error) => failed(`its process failed (${error.message}).`));
    child.once('exit', (code, ended) => {
      clearTimeout(timer);
      const words = lastWords().split('\n').at(-1);
      failed(`its process ${endOf(code, ended)}${words ? ` (${words})` : ''}.`);
    });
    child.send(options, () => {});
  }).finally(() => signal?.removeEventListener('abort', kill));
}
