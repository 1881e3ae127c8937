import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Engine, type EngineOptions, type MonitorQuestion, startEngine } from '../../../../engine';
import { newNonce, nonceBytes, proofBytes, proofOf } from '../../../../engine/runtime/sharing/handshake';
import { bundlesFolder } from '../../../support/engineBundles';
import { lineRequest } from '../../../support/requests';
import { bundledOptions } from '../device/support';

const folder = bundlesFolder('sharing');
const sharedIn = join(folder, 'shared');
let options: EngineOptions;
let started: Engine[] = [];

beforeAll(async () => {
  options = { ...(await bundledOptions(folder, 'cpu')), sharedIn };
});
afterEach(async () => {
  for (const engine of started) await engine.dispose();
  started = [];
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function start(change: Partial<EngineOptions> = {}): Promise<Engine> {
  const engine = await startEngine({ ...options, ...change });
  started.push(engine);
  return engine;
}

const never = () => new AbortController().signal;
const complete = (engine: Engine, change = {}) => engine.complete({ ...lineRequest, ...change }, never());
const sockets = async () => (await readdir(sharedIn)).filter((name) => name.endsWith('.sock'));

test('of several that start at once one loads the model, and all complete with it', async () => {
  const engines = await Promise.all([start(), start(), start(), start()]);
  // Each load takes a time of its own.
  expect(new Set(engines.map(({ info }) => info.startMs)).size).toBe(1);
  expect(new Set(engines.map(({ info }) => info.host))).toEqual(new Set([process.pid]));
  const texts = await Promise.all(engines.map(async (engine) => (await complete(engine)).text));
  expect(new Set(texts).size).toBe(1);
  expect(texts[0]).not.toBe('');
});

test('who wants something else has an engine of its own', async () => {
  const [one, other] = [await start(), await start({ contextTokens: 256 })];
  expect([one.info.contextTokens, other.info.contextTokens]).toEqual([512, 256]);
  expect(await sockets()).toHaveLength(2);
});

test('the same document with other text in another window keeps a cache of its own', async () => {
  const [one, other] = [await start(), await start()];
  const prefix = `// ${'something else '.repeat(20)}\n${lineRequest.prefix}`;
  await complete(one);
  await complete(other, { prefix });
  expect((await complete(one)).cache.encoded).toBeLessThan(8);
  expect((await complete(other, { prefix })).cache.encoded).toBeLessThan(8);
  other.forget(lineRequest.session);
  expect((await complete(one)).cache.encoded).toBeLessThan(8);
  expect((await complete(other, { prefix })).cache.kept).toBe(0);
});

test('each is asked about its own completions, told what is written, and can end them', async () => {
  const engines = [await start(), await start()];
  const monitors = {
    triggers: [{ kind: 'name', pattern: 'of ([a-z]*)' }],
    questionMs: 5000,
    completionMs: 5000,
    waits: true,
  };
  const asked: [number, MonitorQuestion][] = [];
  const written = ['', ''];
  const answers = engines.map((engine, i) =>
    engine.complete(
      { ...lineRequest, session: 'file:///same.ts', monitors },
      never(),
      async (question) => {
        asked.push([i, question]);
        return { legal: [{ kind: 'name', words: [`word${i}`], orOther: false }] };
      },
      (text) => {
        written[i] = text;
      },
    ),
  );
  const texts = (await Promise.all(answers)).map(({ text }) => text);
  expect(texts[0]).toMatch(/^word0\b/);
  expect(texts[1]).toMatch(/^word1\b/);
  expect(written[1]).toMatch(/^word1/);
  expect(new Set(asked.map(([i]) => i))).toEqual(new Set([0, 1]));

  const abort = new AbortController();
  const ended = (engines[1] as Engine).complete(
    { ...lineRequest, mode: 'block', maxTokens: 200 },
    abort.signal,
  );
  abort.abort();
  expect((await ended).stopReason).toBe('cancelled');
  const { stale } = await (engines[1] as Engine).refresh('file:///same.ts');
  expect(stale).toBe(0);
});

test('when the host ends, the others hear so, and one of them takes over', async () => {
  const [host, ...guests] = [await start(), await start(), await start()];
  const crashes = guests.map(({ crashed }) => crashed);
  const request = guests[0]?.complete({ ...lineRequest, mode: 'block', maxTokens: 400 }, never());
  const lost = expect(request).rejects.toMatchObject({ code: 'host-gone' });
  started = started.filter((engine) => engine !== host);
  await host?.dispose();
  await lost;
  expect((await Promise.all(crashes)).map(({ code }) => code)).toEqual(['host-gone', 'host-gone']);
  started = [];
  const next = await Promise.all([start(), start()]);
  expect(new Set(next.map(({ info }) => info.startMs)).size).toBe(1);
  expect((await complete(next[1] as Engine)).text).not.toBe('');
});

test('a model that cannot be loaded is the same error for all who wait', async () => {
  const modelDirectory = join(folder, 'none');
  const ends = await Promise.allSettled([start({ modelDirectory }), start({ modelDirectory })]);
  expect(ends.map((end) => end.status === 'rejected' && end.reason.code)).toEqual([
    'model-missing',
    'model-missing',
  ]);
  expect(await sockets()).toEqual([]);
});

describe('somebody at the address', () => {
  /** Connects by the rules, with what this side proves and sends. @returns what was heard until the connection ended */
  async function visit(prove: (theirs: Buffer, token: string) => Buffer, then = Buffer.alloc(0)) {
    const [name = ''] = await sockets();
    const token = await readFile(join(sharedIn, 'token'), 'utf8');
    const socket: Socket = connect(join(sharedIn, name));
    let heard = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      const isFirst = heard.length === 0;
      heard = Buffer.concat([heard, chunk]);
      if (isFirst) socket.write(Buffer.concat([prove(chunk.subarray(proofBytes), token), then]));
    });
    socket.write(newNonce());
    await once(socket, 'close');
    return heard.length - proofBytes - nonceBytes;
  }

  test('who does not know the token is told nothing', async () => {
    const engine = await start();
    expect(await visit(() => Buffer.alloc(proofBytes))).toBe(0);
    // What the host proves itself with is no proof of a guest.
    expect(await visit((theirs, token) => proofOf(token, 'host', theirs))).toBe(0);
    expect((await complete(engine)).text).not.toBe('');
  });

  test('who sends what is no message is alone in losing the connection', async () => {
    const engine = await start();
    const nonsense = Buffer.from([255, 255, 255, 255]);
    expect(await visit((theirs, token) => proofOf(token, 'guest', theirs), nonsense)).toBeGreaterThan(0);
    expect((await complete(engine)).text).not.toBe('');
  });

  test('who only sits there gets nothing, and each window has an engine of its own', async () => {
    await start();
    const [name = ''] = await sockets();
    for (const engine of started.splice(0)) await engine.dispose();
    const heard: Buffer[] = [];
    const impostor = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => heard.push(chunk));
      socket.write(Buffer.alloc(proofBytes + nonceBytes));
    }).listen(join(sharedIn, name));
    await once(impostor, 'listening');
    const engine = await start();
    impostor.close();
    expect(engine.info.notes.join()).toContain('not shared');
    expect(engine.info.host).toBeUndefined();
    expect(Buffer.concat(heard).length).toBe(3 * nonceBytes);
  });
});

test('a start that is no longer wanted ends at once, also while somebody else loads', async () => {
  const abort = new AbortController();
  const first = start();
  const second = startEngine(options, abort.signal);
  const ended = expect(second).rejects.toMatchObject({ code: 'start-cancelled' });
  abort.abort();
  await ended;
  expect((await complete(await first)).text).not.toBe('');
});

test('a threshold that one window learns holds for all, and for those that come later', async () => {
  const [one, other] = [await start(), await start()];
  other.useThreshold(1.25);
  await vi.waitFor(() => expect(one.info.threshold).toBe(1.25));
  expect((await start()).info.threshold).toBe(1.25);
});

test('an engine is not idle while another window asks it', async () => {
  const [host, guest] = [await start(), await start()];
  await complete(host);
  const before = host.askedAt();
  await complete(guest);
  expect(host.askedAt()).toBeGreaterThan(before);
});

test('a model that was replaced is another one', async () => {
  const modelDirectory = join(folder, 'model');
  await cp(options.modelDirectory, modelDirectory, { recursive: true });
  await start({ modelDirectory });
  await start({ modelDirectory });
  expect(await sockets()).toHaveLength(1);
  await utimes(join(modelDirectory, 'config.json'), 1, 1);
  await start({ modelDirectory });
  expect(await sockets()).toHaveLength(2);
});

test('an address and a lock that killed processes have left are taken over', async () => {
  await start();
  const [name = ''] = await sockets();
  const path = join(sharedIn, name);
  for (const engine of started.splice(0)) await engine.dispose();
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('there'))`;
  const killed = spawn(process.execPath, ['-e', script]);
  await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(await sockets()).toEqual([name]);
  await mkdir(path.replace(/sock$/, 'lock'));

  const engines = await Promise.all([start(), start()]);
  expect(engines.flatMap(({ info }) => info.notes)).toEqual([]);
  expect(new Set(engines.map(({ info }) => info.startMs)).size).toBe(1);
});

test('where other users may look in nothing is shared, and a note says so', async () => {
  const open = join(folder, 'open');
  await mkdir(open);
  await chmod(open, 0o755);
  const engine = await start({ sharedIn: open });
  expect(engine.info.notes.join()).toContain(`because ${open} is open to other users`);
  expect(engine.info.host).toBeUndefined();
});
