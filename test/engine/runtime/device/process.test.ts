import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EngineOptions, startEngine, tryDevice } from '../../../../engine';
import { storeChoice, storedChoice } from '../../../../engine/runtime/device/choice';
import { openProcess } from '../../../../engine/runtime/device/process';
import type { FromWorker } from '../../../../engine/runtime/messages';
import { deviceRefusal } from '../../../../engine/runtime/webgpu/session';
import { bundlesFolder } from '../../../support/engineBundles';
import { lineRequest } from '../../../support/requests';
import { bundledOptions } from './support';

const folder = bundlesFolder('device');
let options: EngineOptions;

beforeAll(async () => {
  options = await bundledOptions(folder, 'auto');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const request = lineRequest;

/** The processor's engine in a process of its own, as a GPU's is. */
function hosted() {
  const channel = openProcess({ ...options, device: 'cpu' }, undefined);
  const messages: FromWorker[] = [];
  channel.listen((message) => messages.push(message));
  const next = async (type: FromWorker['type']) => {
    for (;;) {
      const found = messages.find((message) => message.type === type);
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return { channel, next };
}

const complete = {
  type: 'complete',
  id: 1,
  request,
  isWatched: false,
  isFollowed: false,
  sentAt: 0,
} as const;

describe('an engine in a process of its own', () => {
  test('answers as the thread of this process does', async () => {
    const thread = await startEngine({ ...options, device: 'cpu' });
    const expected = await thread.complete(request, new AbortController().signal);
    await thread.dispose();
    const { channel, next } = hosted();
    await next('ready');
    channel.post(complete);
    const answer = await next('completion');
    expect(answer.type === 'completion' && answer.completion.tokens).toEqual(expected.tokens);
    channel.post({ type: 'dispose' });
    expect((await channel.died).message).toContain('exited with code 0');
  });

  test('stops a request that is cancelled', async () => {
    const { channel, next } = hosted();
    await next('ready');
    channel.cancel(1);
    channel.post(complete);
    const answer = await next('completion');
    expect(answer.type === 'completion' && answer.completion.stopReason).toBe('cancelled');
    await channel.terminate();
  });

  test('may be killed, and says so', async () => {
    const { channel, next } = hosted();
    await next('ready');
    channel.post(complete);
    await channel.terminate();
    expect((await channel.died).message).toContain('its process was ended by SIGTERM');
    channel.post(complete);
  });
});

const hasGpu = (await deviceRefusal()) === undefined;

describe('the choice of a device', () => {
  test('is the processor until the GPU has been tried', async () => {
    const engine = await startEngine({ ...options, cacheDirectory: join(folder, 'untried') });
    expect(engine.info).toMatchObject({ device: 'cpu' });
    expect(engine.info.choice).toBeUndefined();
    await engine.dispose();
  });

  test.skipIf(hasGpu)(
    'does not outlive a GPU that is gone: the processor takes over, and says why',
    async () => {
      const cacheDirectory = join(folder, 'gone');
      const gone = { ...options, cacheDirectory };
      const gpu = { rowsPerPass: 31, error: 1e-6, ms: 1 };
      await storeChoice(gone, { device: 'webgpu', reason: 'It was faster.', gpu, cpuMs: 9, at: Date.now() });
      const engine = await startEngine(gone);
      expect(engine.info.device).toBe('cpu');
      expect(engine.info.notes.join()).toContain('The GPU was chosen and failed');
      expect(await storedChoice(gone)).toMatchObject({ device: 'cpu' });
      await engine.dispose();
    },
  );

  test('is remembered, with the reason, until the model changes', async () => {
    const own = { ...options, cacheDirectory: join(folder, 'remembered') };
    const choice = await tryDevice(own);
    expect(choice.reason).toMatch(/GPU/);
    expect(await storedChoice(own)).toEqual(choice);
    expect(await storedChoice({ ...own, precision: 'int4' })).toBeUndefined();
    expect(await storedChoice({ ...own, threads: 7 })).toBeUndefined();
    await writeFile(join(own.cacheDirectory, 'devices.json'), 'not JSON');
    expect(await storedChoice(own)).toBeUndefined();
    await storeChoice(own, choice);
    expect(await storedChoice(own)).toEqual(choice);
  });

  test('a refusal is looked at again some days later', async () => {
    const own = { ...options, cacheDirectory: join(folder, 'old') };
    await storeChoice(own, { device: 'cpu', reason: 'There is no GPU.', at: Date.now() - 8 * 86_400_000 });
    expect(await storedChoice(own)).toBeUndefined();
  });

  /** A trial that does what drivers do. */
  async function trialThat(does: string): Promise<EngineOptions> {
    const own = await mkdtemp(join(folder, 'trial-'));
    await writeFile(join(own, 'deviceTrial.js'), does);
    return { ...options, cacheDirectory: own, workerPath: join(own, 'engineWorker.js') };
  }

  test.each([
    ["console.error('goodbye'); process.abort();", /its process was ended by SIGABRT/],
    ['process.send({ longestMs: 50 }); setInterval(() => {}, 1000);', /it hung for 0.05 s/],
  ])('a driver that ends or hangs the trial is a reason, and nothing else: %s', async (does, why) => {
    const own = await trialThat(does);
    const { device, reason } = await tryDevice(own);
    expect(device).toBe('cpu');
    expect(reason).toMatch(why);
    expect(await storedChoice(own)).toMatchObject({ device: 'cpu', reason });
  });
});
