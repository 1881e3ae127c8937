import { isDeepStrictEqual } from 'node:util';
import { type Engine, type EngineOptions, SlipstreamError, startEngine } from '../../engine/index';
import type { ServerStatus } from '../protocol';
import type { EngineAccess } from './access';
import { restartBudget } from './restarts';

export interface EngineHostEvents {
  readonly log: (message: string) => void;
  readonly status: (status: ServerStatus) => void;
}

/** Keeps one engine running: starts, reloads and restarts it, and tells each change of state. */
export interface EngineHost {
  /** Starts the engine, or loads it anew if the options differ from those it runs with. */
  configure(options: EngineOptions): void;
  access(): EngineAccess;
  status(): ServerStatus;
  /** Resolves when the engine is no longer starting, or after `timeoutMs`, or when `signal` aborts. */
  settled(timeoutMs: number, signal: AbortSignal): Promise<EngineAccess>;
  dispose(): Promise<void>;
}

export function createEngineHost({ log, status: tell }: EngineHostEvents): EngineHost {
  let options: EngineOptions | undefined;
  let access: EngineAccess = { state: 'starting' };
  let reason = 'The engine has not been started yet.';
  let model: string | undefined;
  let running = 0;
  /** Each start has a number: what an older one still answers is out of date. */
  let generation = 0;
  let starting: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;
  let budget = restartBudget();
  const waiting = new Set<() => void>();

  function status(): ServerStatus {
    const state = access.state === 'ready' && running > 0 ? 'working' : access.state;
    return { state, reason, ...(model === undefined ? {} : { model }) };
  }

  function change(next: EngineAccess, why: string, nextModel?: string): void {
    access = next;
    reason = why;
    model = nextModel;
    tell(status());
    if (next.state === 'starting') return;
    for (const wake of waiting) wake();
  }

  async function start(chosen: EngineOptions, why: string): Promise<void> {
    const abort = new AbortController();
    const ended = load(chosen, why, abort.signal);
    starting = { abort, ended };
    await ended;
  }

  async function load(chosen: EngineOptions, why: string, signal: AbortSignal): Promise<void> {
    const mine = ++generation;
    change({ state: 'starting' }, why);
    log(`${why} Model ${chosen.modelDirectory}, device ${chosen.device}, ${chosen.precision}.`);
    try {
      const engine = await startEngine(chosen, signal);
      if (mine !== generation) return await engine.dispose();
      ready(engine, mine);
    } catch (error) {
      if (mine === generation) fail(error);
    }
  }

  function ready(engine: Engine, mine: number): void {
    const { info } = engine;
    const name = `${info.model} (${info.precision}) on ${info.device}`;
    const limit = info.fillsInTheMiddle
      ? ''
      : ' It has no fill-in-the-middle tokens, so it does not see what stands behind the caret.';
    for (const note of info.notes) log(note);
    const why = `${name} is ready after ${Math.round(info.startMs)} ms.${limit}`;
    log(why);
    change({ state: 'ready', engine: watched(engine) }, why, name);
    engine.crashed.then((error) => {
      if (mine === generation) restart(error);
    });
  }

  /** The state is `working` for as long as a request runs. */
  function watched(engine: Engine): Engine {
    return {
      ...engine,
      // A getter: copied, it would be as it is now.
      get info() {
        return engine.info;
      },
      async complete(...request) {
        if (++running === 1) tell(status());
        try {
          return await engine.complete(...request);
        } finally {
          if (--running === 0 && access.state === 'ready') tell(status());
        }
      },
    };
  }

  function restart(error: SlipstreamError): void {
    log(`The engine stopped: ${error.message}`);
    if (options !== undefined && budget.allows(Date.now())) {
      void start(options, `Restarting the engine, because it stopped: ${error.message}`);
    } else {
      fail(error);
    }
  }

  function fail(error: unknown): void {
    const message = messageOf(error);
    log(`The engine failed: ${error instanceof Error ? error.message : message}`);
    change({ state: 'failed', message }, message);
  }

  async function stop(): Promise<void> {
    generation++;
    const old = access;
    access = { state: 'starting' };
    starting?.abort.abort();
    await starting?.ended;
    if (old.state === 'ready') await old.engine.dispose();
  }

  return {
    access: () => access,
    status,

    configure(next) {
      if (isDeepStrictEqual(next, options)) return;
      const why =
        options === undefined ? 'Starting the engine.' : 'Loading the engine with changed settings.';
      options = next;
      budget = restartBudget();
      // Two models at once could be more than the machine holds.
      void stop().then(() => {
        if (options === next) return start(next, why);
      });
    },

    async settled(timeoutMs, signal) {
      if (access.state !== 'starting' || signal.aborted) return access;
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, timeoutMs);
        signal.addEventListener('abort', wake);
        waiting.add(wake);
      });
      return access;
    },

    async dispose() {
      options = undefined;
      await stop();
    },
  };
}

/** The one line to show for anything that can be thrown; the rest of it, such as a stack, is for the log. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split('\n', 1)[0] ?? '';
  return error instanceof SlipstreamError ? line : `Something unexpected happened: ${line}`;
}
