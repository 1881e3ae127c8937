import { SlipstreamError } from '../../errors';
import type { EngineOptions, Loaded } from '../engine';
import { cancelled, ready } from '../ready';
import { addressOf } from './address';
import { type Claim, claim } from './claim';
import type { Host } from './host';

/** Who loses its host so often while it attaches has an engine of its own. */
const mostAttempts = 3;

/**
 * One engine for all processes of a user that want the same one: the first of them hosts it on a local socket, and the
 * others attach. When the host ends, theirs dies with `host-gone`; whoever starts anew then is the next host.
 * @param folder of the user's alone
 * @throws SlipstreamError why the engine could not be loaded, here or by the host
 */
export async function shareEngine(
  options: EngineOptions,
  folder: string,
  load: () => Promise<Loaded>,
  signal: AbortSignal | undefined,
): Promise<Loaded> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    let claimed: Claim;
    try {
      claimed = await claim(await addressOf(options, folder));
    } catch (error) {
      // An engine that nobody shares is better than none.
      const why = error instanceof Error ? error.message : String(error);
      return noting(await load(), `The engine is not shared with other windows: ${why}`);
    }
    if ('host' in claimed) return hosted(claimed.host, load);
    const { attached } = claimed;
    try {
      return { channel: attached, info: await ready(attached, signal) };
    } catch (error) {
      if (signal?.aborted) throw cancelled();
      if (!(error instanceof SlipstreamError) || error.code !== 'host-gone') throw error;
    }
  }
  return noting(
    await load(),
    'The engine is not shared with other windows, because their host does not answer.',
  );
}

async function hosted(host: Host, load: () => Promise<Loaded>): Promise<Loaded> {
  try {
    const { channel, info } = await load();
    return { channel: host.share(channel, info), info: { ...info, host: process.pid } };
  } catch (error) {
    // What is wrong with a model is wrong for all; a start that is no longer wanted here may still be wanted by others.
    const isForAll = error instanceof SlipstreamError && error.code !== 'start-cancelled';
    const failure = isForAll && { code: error.code, message: error.message };
    host.close(failure ? { type: 'failed', failure } : undefined);
    throw error;
  }
}

const noting = ({ channel, info }: Loaded, note: string): Loaded => ({
  channel,
  info: { ...info, notes: [...info.notes, note] },
});
