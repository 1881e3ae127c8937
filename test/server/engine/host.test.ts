import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { EngineOptions } from '../../../engine/index';
import { createEngineHost } from '../../../server/engine/host';
import type { ServerStatus } from '../../../server/protocol';

const scratch = mkdtempSync(path.join(tmpdir(), 'slipstream-host-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** The real worker does not crash on demand, so workers that do stand in for it. */
function options(name: string, code: string): EngineOptions {
  const workerPath = path.join(scratch, `${name}.cjs`);
  const info = `{ model: '${name}', device: 'cpu', precision: 'int8', contextTokens: 64, notes: [], startMs: 1 }`;
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

function observedHost() {
  const states: ServerStatus[] = [];
  const log: string[] = [];
  const host = createEngineHost({ log: (line) => log.push(line), status: (status) => states.push(status) });
  const until = async (fits: () => boolean) => {
    while (!fits()) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  return { host, states, log, until };
}

const crashing = options('crashing', "ready(); setTimeout(() => { throw new Error('out of luck'); }, 30);");
const steady = options('steady', 'ready();');

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
});
