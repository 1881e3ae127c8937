import type { Engine } from '../../engine/index';
import type { EngineAccess } from './access';
import { isHostGone } from './messages';

export interface Watcher {
  readonly began: () => void;
  readonly ended: () => void;
  /** Resolves when an engine that takes over is there, or cannot be, or after `timeoutMs`. */
  readonly settled: (timeoutMs: number, signal: AbortSignal) => Promise<EngineAccess>;
}

/** A model of usual size is loaded again within it; who asks the new host later asks anew. */
const takeoverMs = 10_000;

/** An engine whose completions are told of; what its host takes along when it ends is asked again of the next one. */
export function watched(engine: Engine, { began, ended, settled }: Watcher): Engine {
  return {
    ...engine,
    // A getter: copied, it would be as it is now.
    get info() {
      return engine.info;
    },
    async complete(...request) {
      began();
      try {
        return await completeSomewhere(engine, request, settled);
      } finally {
        ended();
      }
    },
  };
}

async function completeSomewhere(
  engine: Engine,
  request: Parameters<Engine['complete']>,
  settled: Watcher['settled'],
) {
  const asked = performance.now();
  try {
    return await engine.complete(...request);
  } catch (error) {
    if (!isHostGone(error)) throw error;
    const [wanted, signal, ...others] = request;
    const next = await settled(Math.min(wanted.deadlineMs, takeoverMs), signal);
    if (next.state !== 'ready') throw error;
    const deadlineMs = Math.max(0, wanted.deadlineMs - (performance.now() - asked));
    return next.engine.complete({ ...wanted, deadlineMs }, signal, ...others);
  }
}
