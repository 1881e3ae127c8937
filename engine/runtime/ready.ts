import { SlipstreamError } from '../errors';
import type { Channel } from './channel';
import type { EngineInfo } from './engine';
import type { FromWorker } from './messages';

/** What a start that is no longer wanted ends with. */
export const cancelled = () =>
  new SlipstreamError('start-cancelled', 'The start was stopped, because it is no longer needed.');

/**
 * Waits for the first words of whoever loads a model.
 * @throws SlipstreamError why it could not be loaded
 */
export async function ready(channel: Channel, signal: AbortSignal | undefined): Promise<EngineInfo> {
  if (signal?.aborted) channel.end();
  signal?.addEventListener('abort', channel.end);
  const first = await Promise.race([
    new Promise<FromWorker>((resolve) => channel.listen(resolve)),
    channel.died.then((error): FromWorker => ({ type: 'failed', failure: error })),
  ]).finally(() => signal?.removeEventListener('abort', channel.end));
  if (first.type === 'ready' && !signal?.aborted) return first.info;
  await channel.terminate();
  if (first.type === 'failed') throw new SlipstreamError(first.failure.code, first.failure.message);
  if (signal?.aborted) throw cancelled();
  throw new TypeError(`the worker began with "${first.type}"`);
}
