import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { EngineOptions } from '../../../engine/index';
import { storeChoice, storedChoice } from '../../../engine/runtime/device/choice';
import { createEngineHost } from '../../../server/engine/host';
import type { ServerStatus } from '../../../server/protocol';

const scratch = mkdtempSync(path.join(tmpdir(), 'slipstream-host-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const readyInfo = {
  model: 'any',
  device: 'cpu',
  precision: 'int8',
  contextTokens: 64,
  notes: [],
  startMs: 1,
};

/** The real worker does not crash on demand, so workers that do stand in for it. */
function options(name: string, code: string): EngineOptions {
  const workerPath = path.join(scratch, `${name}.cjs`);
  const info = JSON.stringify({ ...readyInfo, model: name });
  writeFileSync(
    workerPath,
    `const { parentPort } = require('node:worker_threads');
     const ready = () => parentPort.postMessage({ type: 'ready', info: ${info} });
     parentPort.on('message', ({ type }) => { if (type === 'dispose') parentPort.close(); });
     ${code}`,
  );
  return {
    modelDirectory: `/models/${name}`,
    device: 'cpu',
    precision: 'int8',
    threads: 1,
    contextTokens: 64,
    cacheBytes: 2 ** 29,
    cacheDirectory: scratch,
    workerPath,
  };
}

function observedHost(quietMs?: number) {
  const states: ServerStatus[] = [];
  const log: string[] = [];
  const host = createEngineHost(
    { log: (line) => log.push(line), status: (status) => states.push(status) },
    quietMs,
  );
  const until = async (fits: () => boolean) => {
    while (!fits()) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  return { host, states, log, until };
}

const crashing = options('crashing', "ready(); setTimeout(() => { throw new Error('out of luck'); }, 30);");
const steady = options('steady', 'ready();');
/** Whether it fits on a GPU is looked at before one is used. */
const modelDirectory = path.resolve('models/default');

/** A trial that finds the GPU faster, and an engine on it. */
function fasterGpu(): void {
  const gpu = { rowsPerPass: 256, error: 1e-6, ms: 1 };
  const choice = { device: 'webgpu', reason: 'It was faster.', gpu, cpuMs: 9, at: Date.now() };
  writeFileSync(
    path.join(scratch, 'deviceTrial.js'),
    `process.once('message', () => process.send(${JSON.stringify({ choice })}, () => process.exit()));`,
  );
  writeFileSync(
    path.join(scratch, 'engineProcess.js'),
    `setTimeout(() => process.send({ type: 'ready', info: { ...${JSON.stringify(readyInfo)}, device: 'webgpu', startMs: Math.random() } }), 100);
     process.on('message', ({ message }) => { if (message?.type === 'dispose') process.exit(); });`,
  );
}

describe('the engine host', () => {
  it('restarts a crashing engine with the reason in the log, and gives up after three times', async () => {
    const { host, states, log, until } = observedHost();
    host.configure(crashing);
    await until(() => host.access().state === 'failed');
    const pair = ['starting', 'ready'];
    expect(states.map(({ state }) => state)).toEqual([...pair, ...pair, ...pair, ...pair, 'failed']);
    expect(states.at(-1)?.reason).toContain('out of luck');
    expect(log.filter((line) => line.includes('out of luck')).length).toBeGreaterThanOrEqual(4);

    host.configure(steady);
    await until(() => host.access().state === 'ready');
    expect(host.status()).toMatchObject({ state: 'ready', model: 'steady (int8) on cpu' });
    await host.dispose();
  });

  it('loads again only if something that matters has changed', async () => {
    const { host, states, until } = observedHost();
    host.configure(steady);
    host.configure({ ...steady });
    await until(() => host.access().state === 'ready');
    host.configure({ ...steady });
    expect(host.access().state).toBe('ready');
    host.configure({ ...steady, threads: 2 });
    expect(host.access().state).toBe('starting');
    await until(() => host.access().state === 'ready');
    expect(states.map(({ state }) => state)).toEqual(['starting', 'ready', 'starting', 'ready']);
    await host.dispose();
  });

  it('keeps only the last of several changes in a row', async () => {
    const { host, states, until } = observedHost();
    host.configure(crashing);
    host.configure(options('slow', 'setTimeout(ready, 100);'));
    await until(() => states.length > 0);
    host.configure(steady);
    await until(() => host.access().state === 'ready');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(states.map(({ state }) => state)).toEqual(['starting', 'starting', 'ready']);
    expect(host.status().model).toBe('steady (int8) on cpu');
    await host.dispose();
  });

  it('lets a request wait for the start, but not longer than it likes', async () => {
    const { host } = observedHost();
    const never = new AbortController().signal;
    host.configure(options('late', 'setTimeout(ready, 100);'));
    expect((await host.settled(1, never)).state).toBe('starting');
    expect((await host.settled(10_000, AbortSignal.timeout(1))).state).toBe('starting');
    expect((await host.settled(10_000, never)).state).toBe('ready');
    await host.dispose();
  });

  it('unloads a model that nobody uses, and loads it again for the next request', async () => {
    const { host, states, until } = observedHost();
    host.configure(steady, 80);
    await until(() => host.status().state === 'asleep');
    expect(host.status().reason).toContain('the next request loads it again');
    expect((await host.settled(1, new AbortController().signal)).state).toBe('starting');
    host.wake();
    await until(() => host.access().state === 'ready');
    expect(states.map(({ state }) => state).slice(0, 5)).toEqual([
      'starting',
      'ready',
      'asleep',
      'starting',
      'ready',
    ]);
    // A change of the settings wakes it as well.
    await until(() => host.status().state === 'asleep');
    host.configure({ ...steady, threads: 2 }, 0);
    await until(() => host.access().state === 'ready');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(host.status().state).toBe('ready');
    await host.dispose();
  });

  it('loads it again for what comes while it is being unloaded, once it is', async () => {
    const lingering = options(
      'lingering',
      'ready(); const close = parentPort.close.bind(parentPort); parentPort.close = () => setTimeout(close, 200);',
    );
    const { host, log, until } = observedHost();
    const unloading = async () => {
      await until(() => host.access().state === 'ready');
      await until(() => host.access().state === 'starting');
    };
    host.configure(lingering, 80);
    await unloading();
    host.wake();
    await unloading();
    host.configure({ ...lingering, threads: 2 }, 0);
    await until(() => host.access().state === 'ready');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(host.status().state).toBe('ready');
    expect(log.filter((line) => line.includes('is ready')).length).toBe(3);
    await host.dispose();
  });

  it('goes on with the processor when the GPU fails at work, and does not trust it again', async () => {
    const { host, states, log, until } = observedHost();
    const cacheDirectory = path.join(scratch, 'lost');
    const lost: EngineOptions = { ...steady, modelDirectory, device: 'auto', cacheDirectory };
    // A driver that ends its process some time after the start.
    writeFileSync(
      path.join(scratch, 'engineProcess.js'),
      `process.send({ type: 'ready', info: { ...${JSON.stringify(readyInfo)}, device: 'webgpu' } });
       setTimeout(() => process.abort(), 300);`,
    );
    const gpu = { rowsPerPass: 31, error: 1e-6, ms: 1 };
    await storeChoice(lost, { device: 'webgpu', reason: 'It was faster.', gpu, cpuMs: 9, at: Date.now() });
    host.configure(lost);
    await until(() => host.status().model?.endsWith('on webgpu') ?? false);
    expect(host.status().reason).toContain('It was faster.');
    await until(() => host.status().model?.endsWith('on cpu') ?? false);
    expect(host.status().reason).toContain('its process was ended by SIGABRT');
    expect(log.join('\n')).toContain('The engine stopped');
    while ((await storedChoice(lost))?.device !== 'cpu')
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(states.map(({ state }) => state)).toEqual(['starting', 'ready', 'starting', 'ready']);
    await host.dispose();
  });

  it('goes on with the processor where the GPU that was asked for cannot be used', async () => {
    const { host, until } = observedHost();
    const cacheDirectory = path.join(scratch, 'refused');
    const asked: EngineOptions = { ...steady, device: 'webgpu', cacheDirectory };
    await storeChoice(asked, { device: 'cpu', reason: 'There is no GPU.', at: Date.now() });
    host.configure(asked);
    await until(() => host.access().state === 'ready');
    expect(host.status()).toMatchObject({ model: 'steady (int8) on cpu' });
    expect(host.status().reason).toContain('There is no GPU.');
    await host.dispose();
  });

  it('moves to a GPU that a trial has found faster, without a moment in which nothing answers', async () => {
    const { host, states, log, until } = observedHost(50);
    fasterGpu();
    const cacheDirectory = path.join(scratch, 'moved');
    host.configure({ ...steady, modelDirectory, device: 'auto', cacheDirectory });
    await until(() => host.status().model?.endsWith('on webgpu') ?? false);
    expect(states.map(({ state }) => state)).toEqual(['starting', 'ready', 'ready']);
    expect(log.join('\n')).toContain('The GPU was chosen. It was faster.');
    await host.dispose();
  });

  it('moves to it with all who share its engine, which then share one on the GPU', async () => {
    fasterGpu();
    const cacheDirectory = path.join(scratch, 'shared');
    const shared: EngineOptions = {
      ...steady,
      modelDirectory,
      device: 'auto',
      cacheDirectory,
      sharedIn: path.join(scratch, 'run'),
    };
    const [first, second] = [observedHost(500), observedHost()];
    for (const { host } of [first, second]) host.configure(shared);
    const startMs = ({ host }: typeof first) => {
      const access = host.access();
      return access.state === 'ready' && access.engine.info.device === 'webgpu' && access.engine.info.startMs;
    };
    await first.until(() => startMs(first) !== false && startMs(second) !== false);
    expect(startMs(second)).toBe(startMs(first));
    for (const { host } of [first, second]) await host.dispose();
  });

  it('lets go of a shared model when no window needs it, and none of them loads it again for that', async () => {
    const shared: EngineOptions = { ...steady, sharedIn: path.join(scratch, 'idle') };
    const hosts = [observedHost(), observedHost()];
    for (const { host } of hosts) host.configure(shared, 400);
    for (const { host, until } of hosts) await until(() => host.access().state === 'ready');
    for (const { host, until } of hosts) await until(() => host.status().state === 'asleep');
    for (const { states } of hosts)
      expect(states.map(({ state }) => state)).toEqual(['starting', 'ready', 'asleep']);
    for (const { host } of hosts) await host.dispose();
  });
});
