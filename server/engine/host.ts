import { isDeepStrictEqual } from 'node:util';
import {
  distrustDevice,
  type Engine,
  type EngineInfo,
  type EngineOptions,
  type SlipstreamError,
  startEngine,
  tryDevice,
} from '../../engine/index';
import type { ServerStatus } from '../protocol';
import type { EngineAccess } from './access';
import { isAttached, isHostGone, isOfDevice, messageOf, readySentence } from './messages';
import { createQuiet } from './quiet';
import { restartBudget } from './restarts';
import { createWaiting } from './waiting';
import { watched } from './watched';
import { otherWindows } from './windows';

export interface EngineHostEvents {
  readonly log: (message: string) => void;
  readonly status: (status: ServerStatus) => void;
}

/** Keeps one engine running: starts, reloads and restarts it, and tells each change of state. */
export interface EngineHost {
  /**
   * Starts the engine, or loads it anew if the options differ from those it runs with.
   * @param unloadMs without a request, after which it is unloaded; 0: never
   */
  configure(options: EngineOptions, unloadMs?: number): void;
  /** Loads an engine that was unloaded; whoever wants to use it says so before. */
  wake(): void;
  access(): EngineAccess;
  status(): ServerStatus;
  /** Resolves when the engine is no longer starting, or after `timeoutMs`, or when `signal` aborts. */
  settled(timeoutMs: number, signal: AbortSignal): Promise<EngineAccess>;
  dispose(): Promise<void>;
}

/** @param quietMs so long nobody must have completed before a GPU is tried, which takes both devices for some seconds */
export function createEngineHost({ log, status: tell }: EngineHostEvents, quietMs = 20_000): EngineHost {
  let options: EngineOptions | undefined;
  /** Why the processor has to do, although something else is asked for. */
  let lost: string | undefined;
  let isAsleep = false;
  /** Two models at once could be more than the machine holds: the next one waits until the one that was unloaded has ended. */
  let unloading: Promise<void> = Promise.resolve();
  let unloadMs = 0;
  let trial: AbortController | undefined;
  let access: EngineAccess = { state: 'starting' };
  let reason = 'The engine has not been started yet.';
  let model: string | undefined;
  let running = 0;
  /** Each start has a number: what an older one still answers is out of date. */
  let generation = 0;
  let starting: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;
  let budget = restartBudget();
  let takeovers = restartBudget(mostTakeovers);
  const waiting = createWaiting();
  const untilTrial = createQuiet(() => void tryGpu());
  const untilSleep = createQuiet(sleep);

  function status(): ServerStatus {
    const state = isAsleep ? 'asleep' : access.state === 'ready' && running > 0 ? 'working' : access.state;
    return { state, reason, ...(model === undefined ? {} : { model }) };
  }

  function change(next: EngineAccess, why: string, nextModel?: string): void {
    access = next;
    reason = why;
    model = nextModel;
    tell(status());
    if (next.state === 'starting') return;
    waiting.wake();
  }

  async function start(chosen: EngineOptions, why: string): Promise<void> {
    const abort = new AbortController();
    const ended = load(chosen, why, abort.signal);
    starting = { abort, ended };
    await ended;
  }

  async function load(wanted: EngineOptions, why: string, signal: AbortSignal): Promise<void> {
    const mine = ++generation;
    // What `auto` means is known to all who share an engine: the choice that is stored says that the GPU was lost.
    const isForced = lost !== undefined && !(wanted.device === 'auto' && wanted.sharedIn !== undefined);
    const chosen: EngineOptions = isForced ? { ...wanted, device: 'cpu' } : wanted;
    change({ state: 'starting' }, why);
    log(`${why} Model ${chosen.modelDirectory}, device ${chosen.device}, ${chosen.precision}.`);
    try {
      const engine = await startEngine(chosen, signal);
      if (mine !== generation) return await engine.dispose();
      ready(engine, mine);
    } catch (error) {
      if (mine !== generation) return;
      if (chosen.device !== 'webgpu' || !isOfDevice(error)) return fail(error);
      lost = messageOf(error);
      log(lost);
      await load(wanted, 'Starting the engine on the processor.', signal);
    }
  }

  /** Takes up work on the GPU if it is right and faster. The processor goes on until that is known. */
  async function tryGpu(): Promise<void> {
    const mine = generation;
    const chosen = options;
    if (chosen === undefined || access.state !== 'ready') return untilTrial.begin(quietMs);
    const { info } = access.engine;
    // Whoever hosts the engine tries the GPU for all.
    if (isAttached(info)) return;
    const busyMs = quietMs - idleMs(access.engine);
    if (busyMs > 0) return untilTrial.begin(busyMs);
    const abort = new AbortController();
    trial = abort;
    try {
      const { device, reason: why } = await tryDevice(chosen, abort.signal);
      if (abort.signal.aborted || mine !== generation) return;
      log(`The ${device === 'cpu' ? 'processor' : 'GPU'} was chosen. ${why}`);
      if (device === 'cpu') return change(access, `${reason} ${why}`, model);
      const old = access;
      if (info.host !== undefined) {
        // Other windows share the one that stops, and must find the new one in its place.
        await stop();
        if (options === chosen) await start(chosen, 'The GPU takes over.');
        return;
      }
      const engine = await startEngine(chosen, abort.signal);
      if (mine !== generation) return await engine.dispose();
      ready(engine, ++generation);
      // It still answers what it was asked.
      if (old.state === 'ready') await old.engine.dispose();
    } catch (error) {
      log(`The GPU could not take over: ${messageOf(error)}`);
    }
  }

  function sleep(): void {
    const leftMs = access.state === 'ready' ? unloadMs - idleMs(access.engine) : unloadMs;
    if (access.state !== 'ready' || leftMs > 0) {
      untilSleep.begin(leftMs);
      return;
    }
    const { info } = access.engine;
    unloading = stop();
    const minutes = Math.round(unloadMs / 60_000);
    const what = isAttached(info) ? 'this window let go of the model' : 'the model was unloaded';
    const why = `Nothing was completed for ${minutes} minutes, so ${what}; the next request loads it again.`;
    asleep(why);
  }

  function asleep(why: string): void {
    isAsleep = true;
    log(why);
    change({ state: 'starting' }, why, model);
  }

  function ready(engine: Engine, mine: number): void {
    const { info } = engine;
    for (const note of info.notes) log(note);
    const why = readySentence(info, lost ?? info.choice?.reason, whoElse(info));
    log(why);
    const name = `${info.model} (${info.precision}) on ${info.device}`;
    change({ state: 'ready', engine: watched(engine, { began, ended, settled }) }, why, name);
    if (options?.device === 'auto' && info.choice === undefined && lost === undefined && !isAttached(info))
      untilTrial.begin(quietMs);
    untilSleep.begin(unloadMs);
    engine.crashed.then((error) => {
      if (mine === generation) void restart(error, engine);
    });
  }

  /** @returns a sentence about who holds the weights besides this process, or in its place */
  function whoElse(info: EngineInfo): string | undefined {
    if (isAttached(info)) return `Another window holds it in memory for all (process ${info.host}).`;
    return options === undefined || info.host !== undefined ? undefined : otherWindows(options);
  }

  function began(): void {
    untilTrial.again();
    untilSleep.again();
    if (++running === 1) tell(status());
  }

  function ended(): void {
    if (--running === 0 && access.state === 'ready') tell(status());
  }

  async function restart(error: SlipstreamError, { info: { device }, askedAt }: Engine): Promise<void> {
    untilTrial.end();
    log(
      `The engine stopped: ${error.message}${error.cause instanceof Error ? ` (${error.cause.message})` : ''}`,
    );
    // That a host ended is nobody's fault, and says nothing about its device.
    if (isHostGone(error) && options !== undefined) {
      const isIdle = running === 0 && unloadMs > 0 && performance.now() - askedAt() > idleShare * unloadMs;
      if (isIdle) return asleep(`${error.message} Here it is loaded again when it is needed.`);
      if (takeovers.allows(Date.now())) {
        access = { state: 'starting' };
        return void start(options, error.message);
      }
    }
    if (device === 'webgpu' && options !== undefined && !isHostGone(error)) {
      const mine = generation;
      access = { state: 'starting' };
      // What a driver has done once it does again: the processor takes over until something changes.
      lost = error.message;
      // Others that shared this engine read it when they start anew.
      await distrustDevice(options, error.message).catch((cause) => log(messageOf(cause)));
      if (mine !== generation) return;
    }
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
    trial?.abort();
    untilTrial.end();
    untilSleep.end();
    const before = unloading;
    const old = access;
    access = { state: 'starting' };
    starting?.abort.abort();
    await starting?.ended;
    if (old.state === 'ready') await old.engine.dispose();
    await before;
  }

  async function settled(timeoutMs: number, signal: AbortSignal): Promise<EngineAccess> {
    if (access.state === 'starting') await waiting.wait(timeoutMs, signal);
    return access;
  }

  return {
    access: () => access,
    status,

    configure(next, nextUnloadMs = 0) {
      if (nextUnloadMs !== unloadMs) {
        unloadMs = nextUnloadMs;
        if (access.state === 'ready') untilSleep.begin(unloadMs);
      }
      if (isDeepStrictEqual(next, options)) return;
      const why =
        options === undefined ? 'Starting the engine.' : 'Loading the engine with changed settings.';
      options = next;
      lost = undefined;
      isAsleep = false;
      budget = restartBudget();
      takeovers = restartBudget(mostTakeovers);
      void stop().then(() => {
        if (options === next) return start(next, why);
      });
    },

    wake() {
      if (!isAsleep || options === undefined) return;
      isAsleep = false;
      const chosen = options;
      void unloading.then(() => {
        if (options === chosen) return start(chosen, 'Loading the engine again, which was unloaded.');
      });
    },

    settled,

    async dispose() {
      options = undefined;
      await stop();
    },
  };
}

const idleMs = (engine: Engine) => performance.now() - engine.askedAt();

/** A window that came later than the one that unloads a model has not been idle for as long; most of it is enough. */
const idleShare = 0.75;

/** Windows that close in a minute. */
const mostTakeovers = 20;
