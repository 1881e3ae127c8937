import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CompletionRequest, type EngineOptions, startEngine, tryDevice } from '../../../../engine';
import { readConfig } from '../../../../engine/model/config';
import { selfTest } from '../../../../engine/runtime/webgpu/selfTest';
import { deviceRefusal } from '../../../../engine/runtime/webgpu/session';
import { createEngineHost } from '../../../../server/engine/host';
import { defaultModel } from '../../../support/defaultModel';
import { bundlesFolder } from '../../../support/engineBundles';
import { lineRequest } from '../../../support/requests';
import { bundledOptions } from './support';

const refusal = await deviceRefusal();
const folder = bundlesFolder('webgpu');
let options: EngineOptions;

beforeAll(async () => {
  options = await bundledOptions(folder, 'webgpu');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const request: CompletionRequest = { ...lineRequest, deadlineMs: 60_000, lineDeadlineMs: 60_000 };
const never = () => new AbortController().signal;

describe.skipIf(refusal !== undefined)('a GPU at work', () => {
  test('is held against the processor before it is trusted, in passes that are right', async () => {
    const config = await readConfig(defaultModel);
    const { run, errors } = await selfTest({
      config,
      precision: 'int4',
      cacheDirectory: options.cacheDirectory,
    });
    expect(run).toBeDefined();
    expect(errors.at(-1)?.error).toBeLessThanOrEqual(1e-3);
    // What was wrong is why shorter passes were tried.
    for (const { error } of errors.slice(0, -1)) expect(error).toBeGreaterThan(1e-3);
  });

  test('is tried once, with figures that explain the choice, and completes then in its own process', async () => {
    const choice = await tryDevice(options);
    expect(choice.gpu?.error).toBeLessThanOrEqual(1e-3);
    expect(choice.reason).toMatch(
      /A typical line takes [\d.]+ ms on the GPU.* and [\d.]+ ms on the processor/,
    );
    const engine = await startEngine(options);
    expect(engine.info).toMatchObject({ device: 'webgpu', choice });
    const completion = await engine.complete(request, never());
    expect(completion.device).toBe('webgpu');
    expect(completion.tokens.length).toBeGreaterThan(0);
    await engine.dispose();
  });

  test('is not blamed for a model that is missing, a cache that cannot be written, or a start that is cancelled', async () => {
    const missing = startEngine({ ...options, modelDirectory: join(folder, 'none') });
    await expect(missing).rejects.toMatchObject({ code: 'model-missing' });
    const unwritable = startEngine({ ...options, cacheDirectory: '/dev/null/cache' });
    await expect(unwritable).rejects.toMatchObject({ code: 'cache-unwritable' });
    const abort = new AbortController();
    const started = startEngine({ ...options, cacheDirectory: join(folder, 'cancelled') }, abort.signal);
    abort.abort();
    await expect(started).rejects.toMatchObject({ code: 'start-cancelled' });
  });

  test('that dies in the middle of a completion ends it with a reason, and the processor goes on', async () => {
    const log: string[] = [];
    const host = createEngineHost({ log: (line) => log.push(line), status: () => undefined });
    host.configure(options);
    const first = await host.settled(60_000, never());
    if (first.state !== 'ready') throw new Error(`The engine is ${first.state}.`);
    expect(first.engine.info.device).toBe('webgpu');
    const running = first.engine.complete(request, never());
    execFileSync('pkill', ['-SEGV', '-f', join(folder, 'engineProcess.js')]);
    await expect(running).rejects.toThrow('its process was ended by SIGSEGV');
    while (host.status().state !== 'ready') await new Promise((resolve) => setTimeout(resolve, 20));
    const second = await host.settled(60_000, never());
    if (second.state !== 'ready') throw new Error(`The engine is ${second.state}.`);
    const completion = await second.engine.complete(request, never());
    expect(completion.device).toBe('cpu');
    expect(host.status().reason).toContain('SIGSEGV');
    await host.dispose();
  });
});
