import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type CancellationToken,
  CancellationTokenSource,
  WorkDoneProgress,
} from 'vscode-languageserver-protocol/node';
import type { DownloadOffer, ModelEntry } from '../../../server/protocol';
import { type FakeHub, startHub, startProxy } from '../../support/hub';
import { writeTinyModel } from '../../support/tinyModel';
import {
  built,
  type GenericClient,
  patient,
  sample,
  sampleCaret,
  scratchFolder,
  startClient,
} from './support';

const repository = 'tiny/model';
const weights = 'model.safetensors';
const uri = 'file:///work/stack.ts';
let scratch: ReturnType<typeof scratchFolder>;
let files: Map<string, Buffer> | undefined;
let hub: FakeHub;
let client: GenericClient | undefined;
const children: ChildProcess[] = [];

beforeEach(async () => {
  scratch = scratchFolder();
  files ??= await modelFiles();
  hub = await startHub(repository, files);
});
afterEach(async () => {
  await client?.stop();
  client = undefined;
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await hub.stop();
  scratch.remove();
});

async function modelFiles(): Promise<Map<string, Buffer>> {
  const folder = path.join(scratch.path, 'source');
  await writeTinyModel(folder, { architecture: 'qwen2', seed: 1, hidden: 128, intermediate: 512 });
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name))]));
}

/** Nothing of this machine's own, and the hub of this test. */
function environment(): NodeJS.ProcessEnv {
  const place = (name: string) => path.join(scratch.path, name);
  const empty = {
    HF_TOKEN: '',
    HTTPS_PROXY: '',
    HTTP_PROXY: '',
    https_proxy: '',
    http_proxy: '',
    HF_HUB_OFFLINE: '',
  };
  const places = { SLIPSTREAM_CONFIG_DIR: place('config'), SLIPSTREAM_DATA_DIR: place('data') };
  return { ...empty, ...places, SLIPSTREAM_CACHE_DIR: place('cache'), HF_ENDPOINT: hub.endpoint };
}

function cli(...args: string[]): {
  child: ChildProcess;
  done: Promise<{ code: number | null; out: string; err: string }>;
} {
  const child = spawn(process.execPath, [built('cli.js'), 'models', ...args], {
    env: { ...process.env, ...environment() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return {
    child,
    done: new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err }))),
  };
}

const run = (...args: string[]) => cli(...args).done;
const folder = () => path.join(scratch.path, 'data', 'models', 'tiny--model');
const partial = () => path.join(`${folder()}.download`, `${weights}.partial`);
const rangesOf = (name: string) =>
  hub.requests.filter(({ url }) => url.endsWith(`/${name}`)).map(({ range }) => range);

/** Sends some of the weights, and then nothing more. */
const stall: FakeHub['mischief'] = (request, response) => {
  if (!request.url?.endsWith(weights)) return false;
  const bytes = hub.files.get(weights) as Buffer;
  response.writeHead(200, { 'content-length': bytes.length });
  response.write(bytes.subarray(0, 50_000));
  return true;
};

async function halfWay(): Promise<void> {
  await vi.waitFor(() => expect(statSync(partial()).size).toBe(50_000), { timeout: 20_000, interval: 50 });
}

describe('the command line', () => {
  it('shows size and licence, downloads when it is agreed to, verifies and removes', async () => {
    const refused = await run('download', repository);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toMatch(/Size: \d+ KB|Size: .* MB/);
    expect(refused.err).toContain('Licence: apache-2.0');
    expect(refused.err).toContain('with --yes');
    expect(rangesOf(weights)).toEqual([]);

    expect(await run('download', repository, '--yes')).toMatchObject({
      code: 0,
      out: `model  ${folder()}\n`,
    });
    expect((await run('list')).out.split('\n')[1]?.split(/ +/)).toEqual(['model', folder()]);
    expect((await run('verify', 'model')).out).toMatch(
      /every file has the content that the hub says.*\n.*loaded as int8/,
    );

    writeFileSync(path.join(folder(), 'tokenizer.json'), '{}');
    const damaged = await run('verify', 'model');
    expect(damaged).toMatchObject({ code: 1 });
    expect(damaged.err).toMatch(/damaged: tokenizer.json has another size.*download it again/);

    expect((await run('remove', 'model')).err).toContain('--yes');
    expect(existsSync(folder())).toBe(true);
    expect(await run('remove', 'model', '--yes')).toMatchObject({ code: 0 });
    expect(existsSync(folder())).toBe(false);
    expect((await run('list')).out).not.toContain('tiny');
  });

  it('ends at once when it is interrupted, and goes on from there', async () => {
    hub.mischief = stall;
    const { child, done } = cli('download', repository, '--yes');
    await halfWay();
    child.kill('SIGINT');
    expect(await done).toMatchObject({ code: 130, out: '' });
    expect((await run('list')).out).toMatch(
      /tiny\/model +.* of it are here; downloading it again goes on from there/,
    );
    hub.mischief = undefined;
    hub.requests.length = 0;
    expect(await run('download', repository, '--yes')).toMatchObject({ code: 0 });
    expect(rangesOf(weights)).toEqual(['bytes=50000-']);
  });

  it('tells a second process that the first is at it, and takes over from one that was killed', async () => {
    hub.mischief = stall;
    const { child, done } = cli('download', repository, '--yes');
    await halfWay();
    const second = await run('download', repository, '--yes');
    expect(second).toMatchObject({ code: 1 });
    expect(second.err).toContain('already runs in another window or process');
    child.kill('SIGKILL');
    await done;
    hub.mischief = undefined;
    hub.requests.length = 0;
    expect(await run('download', repository, '--yes')).toMatchObject({ code: 0 });
    expect(rangesOf(weights)).toEqual(['bytes=50000-']);
    expect(readdirSync(path.dirname(folder()))).toEqual(['tiny--model']);
  });

  it('never deletes a folder that it did not download', async () => {
    const own = path.join(scratch.path, 'own');
    await writeTinyModel(own, { architecture: 'qwen2', seed: 2 });
    expect(await run('add', own)).toMatchObject({ code: 0 });
    expect((await run('remove', 'own', '--yes')).out).toBe(`Removed own; its files stay in ${own}\n`);
    expect(existsSync(path.join(own, 'config.json'))).toBe(true);
  });
});

describe('the server', () => {
  const request = <T>(method: string, params: object = {}, token?: CancellationToken): Promise<T> => {
    const { connection } = client as GenericClient;
    return token === undefined
      ? connection.sendRequest(method, params)
      : connection.sendRequest(method, params, token);
  };

  it('lists, offers, downloads with progress, and lists what it downloaded', async () => {
    client = startClient(environment());
    await client.initialize(patient);
    const before = await request<ModelEntry[]>('slipstream/models');
    expect(new Set(before.map(({ kind }) => kind))).toEqual(new Set(['shipped', 'curated']));
    expect(hub.requests).toEqual([]);

    const offer = await request<DownloadOffer>('slipstream/models/offer', { model: repository });
    expect(offer).toMatchObject({ repository, commit: hub.commit, licence: 'apache-2.0', isHere: false });
    const told: object[] = [];
    client.connection.onProgress(WorkDoneProgress.type, 7, (value) => void told.push(value));
    const params = { repository, commit: offer.commit, workDoneToken: 7 };
    const answer = await request<{ folder: string }>('slipstream/models/download', params);
    expect(answer).toEqual({ name: 'model', folder: folder() });
    expect(told.at(-1)).toMatchObject({ kind: 'report', percentage: 100 });
    const after = await request<ModelEntry[]>('slipstream/models');
    expect(after[1]).toMatchObject({ kind: 'downloaded', name: 'model', repository });
  });

  it('answers a failure with one sentence, and a cancelled download with null', async () => {
    client = startClient(environment());
    await client.initialize(patient);
    await expect(request('slipstream/models/offer', { model: 'nobody/nothing' })).rejects.toThrow(
      /Cannot download nobody\/nothing because the hub does not have it \(404\); check the name/,
    );
    await expect(request('slipstream/models/offer', {})).rejects.toThrow(/need a model/);
    hub.mischief = stall;
    const cancel = new CancellationTokenSource();
    const running = request('slipstream/models/download', { repository, commit: hub.commit }, cancel.token);
    await halfWay();
    cancel.cancel();
    expect(await running).toBeNull();
    expect(statSync(partial()).size).toBe(50_000);
  });

  it("goes through the editor's proxy where its own setting names none", async () => {
    const proxy = await startProxy();
    try {
      client = startClient(environment());
      // VS Code answers for any section, its own as well.
      const sections: Record<string, object> = { http: { proxy: proxy.address }, slipstream: {} };
      client.connection.onRequest('workspace/configuration', ({ items }: { items: { section: string }[] }) =>
        items.map(({ section }) => sections[section] ?? null),
      );
      await client.initialize({ ...patient, capabilities: { workspace: { configuration: true } } });
      await request('slipstream/models/offer', { model: repository });
      expect(proxy.requests).toEqual([`CONNECT ${new URL(hub.endpoint).host}`]);
    } finally {
      await proxy.stop();
    }
  });

  it('gives a folder a name if a model of a kind that runs is in it', async () => {
    client = startClient(environment());
    await client.initialize(patient);
    const [own, other] = ['a/own', 'b/own'].map((name) => path.join(scratch.path, name)) as [string, string];
    for (const model of [own, other]) await writeTinyModel(model, { architecture: 'qwen2', seed: 2 });
    expect(await request('slipstream/models/add', { folder: own })).toEqual({ name: 'own' });
    expect(await request('slipstream/models/add', { folder: other })).toEqual({ name: 'own-2' });
    expect(await request('slipstream/models/add', { folder: own })).toEqual({ name: 'own' });
    await expect(request('slipstream/models/add', { folder: scratch.path })).rejects.toThrow(/config.json/);
    const models = await request<ModelEntry[]>('slipstream/models');
    expect(models.filter(({ kind }) => kind === 'added').map(({ name }) => name)).toEqual(['own', 'own-2']);
  });

  it('deletes what it downloaded and nothing else', async () => {
    client = startClient(environment());
    await client.initialize(patient);
    await request('slipstream/models/download', { repository, commit: hub.commit });
    await expect(request('slipstream/models/delete', { folder: scratch.path })).rejects.toThrow(
      /is not deleted because Slipstream did not download it/,
    );
    await request('slipstream/models/delete', { folder: folder() });
    expect(existsSync(folder())).toBe(false);
    const models = await request<ModelEntry[]>('slipstream/models');
    expect(models.map(({ kind }) => kind)).not.toContain('missing');
  });

  it('downloads nothing while it is to stay offline', async () => {
    client = startClient(environment());
    const settings = { hub: { offline: true } };
    await client.initialize({ initializationOptions: { slipstream: { settings } } });
    await expect(request('slipstream/models/offer', { model: repository })).rejects.toThrow(
      /set to stay offline/,
    );
    expect(hub.requests).toEqual([]);
  });

  it('opens no connection unless a download is started', async () => {
    const log = path.join(scratch.path, 'connections');
    const preload = path.join(import.meta.dirname, 'connections.cjs');
    const recorded = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);
    // NODE_OPTIONS reaches the workers and processes of the server as well.
    const NODE_OPTIONS = `--require ${preload}`;
    client = startClient({ ...environment(), NODE_OPTIONS, SLIPSTREAM_TEST_CONNECTIONS: log });
    await client.initialize(patient);
    client.open(uri, sample);
    const [line, character] = sampleCaret;
    for (let i = 0; i < 3; i++) {
      await client.complete(uri, line, character + i);
      client.change(uri, i + 2, [line, character + i], [line, character + i], 'i');
    }
    await request('slipstream/models');
    expect(recorded()).toEqual([]);

    await request('slipstream/models/offer', { model: repository });
    expect(new Set(recorded())).toEqual(new Set([`connect ${new URL(hub.endpoint).port}`]));
  });
});
