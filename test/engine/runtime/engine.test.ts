import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Completion,
  type CompletionRequest,
  type Engine,
  type EngineOptions,
  type ReuseMode,
  SlipstreamError,
  startEngine,
} from '../../../engine';
import { expectSameTokens, isExact, testDevice } from '../../support/device';
import { buildEngineBundles, bundlesFolder } from '../../support/engineBundles';
import { methodRequest } from '../../support/requests';

const root = join(import.meta.dirname, '../../..');
let folder: string;
let options: EngineOptions;
let engine: Engine;

beforeAll(async () => {
  folder = bundlesFolder(`engine-${testDevice}`);
  const workerPath = await buildEngineBundles(folder);
  options = {
    modelDirectory: join(root, 'models/default'),
    device: testDevice === 'cpu' ? 'auto' : testDevice,
    precision: 'int8',
    threads: 1,
    contextTokens: 2048,
    cacheBytes: 2 ** 29,
    cacheDirectory: join(folder, 'cache'),
    workerPath,
  };
  engine = await startEngine(options);
});
afterAll(async () => {
  await engine?.dispose();
  await rm(folder, { recursive: true, force: true });
});

const source = `import * as fs from 'fs';\n\nexport class Stack<T> {\n  private items: T[] = [];\n\n  push(item: T): void {\n    this.`;
const never = () => new AbortController().signal;
const request = (change: Partial<CompletionRequest> = {}) => methodRequest(source, change);

describe('a running engine', () => {
  test('completes with a trace whose parts fit together', async () => {
    const completion = await engine.complete(request({ session: 'fresh' }), never());
    expect(completion.text).not.toContain('\n');
    expect(completion.text.length).toBeGreaterThan(0);
    expect(completion.tokens.map(({ text }) => text).join('')).toContain(completion.text);
    for (const { logprob, entropy } of completion.tokens) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(entropy).toBeGreaterThanOrEqual(0);
    }
    expect(completion.cache.kept).toBe(0);
    expect(completion.cache.encoded).toBeGreaterThan(20);
    expect(completion.forwards).toBeGreaterThanOrEqual(completion.tokens.length);
    expect(completion.model).toBe('default');
    expect(completion.device).toBe(testDevice);
    const { promptMs, prefillMs, decodeMs, totalMs } = completion.timings;
    expect(promptMs + prefillMs + decodeMs).toBeLessThanOrEqual(totalMs + 1);
  });

  test('encodes only what was typed, and answers as if it had encoded everything', async () => {
    await engine.complete(request({ session: 'typing' }), never());
    const typed = `${source}items.pu`;
    const reused = await engine.complete(request({ session: 'typing', prefix: typed }), never());
    const fresh = await engine.complete(
      request({ session: 'typing', prefix: typed, without: ['kv'] }),
      never(),
    );
    expect(reused.cache.encoded).toBeLessThan(12);
    expect(fresh.cache.kept).toBe(0);
    expect(fresh.cache.encoded).toBe(reused.cache.kept + reused.cache.encoded);
    expect(reused.text).toBe(fresh.text);
  });

  const lines = Array.from(
    { length: 24 },
    (_, i) => `export const value${i} = compute(${i * 37}, '${i}');\n`,
  );
  const edited = (line: string) => [...lines.slice(0, 4), line, ...lines.slice(4)].join('');

  test('after an edit far from the caret encodes little, and after a refresh is exact', async () => {
    const session = 'edits';
    const ask = (prefix: string, change = {}) =>
      engine.complete(request({ session, prefix, ...change }), never());
    await ask(lines.join(''));
    const pie = await ask(edited('import assert from "assert";\n'));
    expect(pie.cache.shifted).toBeGreaterThan(100);
    expect(pie.cache.stale).toBe(pie.cache.shifted);
    expect(pie.cache.encoded).toBeLessThan(40);

    expect(await engine.refresh(session)).toEqual({ stale: 0 });
    const refreshed = await ask(edited('import assert from "assert";\n'));
    expect(refreshed.cache).toMatchObject({ encoded: 1, stale: 0 });
    const fresh = await ask(edited('import assert from "assert";\n'), { session: 'edits, fresh' });
    const facts = ({ tokens }: Completion) => tokens.map(({ source: _, ...token }) => token);
    expectSameTokens(facts(refreshed), facts(fresh));
  });

  test('refreshes by itself when idle', async () => {
    const session = 'idle';
    await engine.complete(request({ session, prefix: lines.join('') }), never());
    const stale = await engine.complete(request({ session, prefix: edited('let x;\n') }), never());
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const later = await engine.complete(request({ session, prefix: edited('let x;\n') }), never());
    expect(stale.cache.stale).toBeGreaterThan(100);
    expect(later.cache.stale).toBe(0);
  });

  test('answers a request before a refresh goes on', async () => {
    const session = 'preempted';
    await engine.complete(request({ session, prefix: lines.join('') }), never());
    await engine.complete(request({ session, prefix: edited('let x;\n') }), never());
    const order: string[] = [];
    await Promise.all([
      engine.refresh(session).then(() => order.push('refresh')),
      engine.complete(request({ session: 'other' }), never()).then(() => order.push('request')),
    ]);
    expect(order).toEqual(['request', 'refresh']);
  });

  test('answers a request before the scoring of a text goes on, and scores as if there were none', async () => {
    const text = lines.join('').slice(0, 1500);
    const score = () => engine.score({ prefix: lines.join(''), text, suffix: '' });
    const alone = await score();
    const order: string[] = [];
    const [scored] = await Promise.all([
      score().finally(() => order.push('score')),
      engine.complete(request({ session: 'other' }), never()).finally(() => order.push('request')),
    ]);
    expect(order).toEqual(['request', 'score']);
    expect(scored).toEqual(alone);
    expect(scored.length).toBeGreaterThan(200);
  });

  test('scores several texts that are asked at once, refreshes meanwhile, and answers a request', async () => {
    const prefix = lines.join('');
    const score = (text: string) => engine.score({ prefix, text, suffix: '' });
    const texts = [prefix.slice(0, 900), prefix.slice(100, 1000)];
    const alone = [await score(texts[0] as string), await score(texts[1] as string)];
    for (const session of ['one', 'other']) await engine.complete(request({ session, prefix }), never());
    for (const session of ['one', 'other'])
      await engine.complete(request({ session, prefix: edited('let x;\n') }), never());
    const together = Promise.all(texts.map(score));
    const others = [engine.refresh('one'), engine.refresh('other'), engine.complete(request(), never())];
    expect(await together).toEqual(alone);
    await Promise.all(others);
  });

  test('ends while texts are scored', async () => {
    const own = await startEngine(options);
    const prefix = lines.join('');
    const scores = [0, 1].map(() => own.score({ prefix, text: prefix.slice(0, 1500), suffix: '' }));
    const settled = Promise.allSettled(scores);
    await own.dispose();
    expect(await settled).toHaveLength(2);
  });

  test('reuses as it is asked to', async () => {
    const use = async (reuse: ReuseMode) => {
      const session = `mode ${reuse}`;
      await engine.complete(request({ session, prefix: lines.join(''), reuse }), never());
      return (await engine.complete(request({ session, prefix: edited('let x;\n'), reuse }), never())).cache;
    };
    expect((await use('pie')).shifted).toBeGreaterThan(100);
    expect((await use('splice')).shifted).toBeGreaterThan(100);
    expect(await use('recompute')).toMatchObject({ kept: 0, shifted: 0, stale: 0 });
    // What another mode left in the cache is not used.
    const session = 'mode splice';
    const { cache } = await engine.complete(
      request({ session, prefix: lines.join(''), reuse: 'pie' }),
      never(),
    );
    expect(cache.kept + cache.shifted).toBe(0);
  });

  test('with a budget smaller than one document computes everything anew, and says so', async () => {
    const small = await startEngine({ ...options, cacheBytes: 1000 });
    const first = await small.complete(request(), never());
    const second = await small.complete(request(), never());
    expect(first.cache.fallback).toMatch(/larger than what all may take/);
    expect(second.cache).toMatchObject({ kept: 0, shifted: 0 });
    expect(second.text).toBe(first.text);
    await small.dispose();
  });

  test('forgets a closed document', async () => {
    await engine.complete(request({ session: 'closed' }), never());
    engine.forget('closed');
    expect((await engine.complete(request({ session: 'closed' }), never())).cache.kept).toBe(0);
  });

  test('ends a cancelled request early, keeps its encoded rows and serves the next one', async () => {
    const long = Array.from({ length: 400 }, (_, i) => `const value${i} = compute(${i});\n`).join('');
    const abort = new AbortController();
    const cancelled = engine.complete(
      request({ session: 'long', prefix: long, maxTokens: 100 }),
      abort.signal,
    );
    abort.abort();
    expect(await cancelled).toMatchObject({ stopReason: 'cancelled', tokens: [] });
    const next = await engine.complete(request({ session: 'long', prefix: long }), never());
    expect(next.stopReason).not.toBe('cancelled');
  });

  test('returns what there is at the deadline', async () => {
    const completion = await engine.complete(request({ session: 'late', deadlineMs: 0 }), never());
    expect(completion).toMatchObject({ stopReason: 'deadline', text: '' });
  });

  // Where rows depend on what is encoded with them there are no drafts.
  test.runIf(isExact)(
    'copies from its context with fewer passes, and the same text and probabilities',
    async () => {
      const repetitive = `${source}items.push(item);\n  }\n}\n`.repeat(2) + source;
      const copying = request({ session: 'copy', prefix: repetitive, mode: 'block', maxTokens: 60 });
      const copied = await engine.complete(copying, never());
      const plain = await engine.complete({ ...copying, session: 'plain', without: ['copy'] }, never());
      const facts = (c: Completion) =>
        c.tokens.map(({ text, logprob, entropy }) => ({ text, logprob, entropy }));
      expect(facts(copied)).toEqual(facts(plain));
      expect(copied.text).toBe(plain.text);
      expect(copied.accepted).toBeGreaterThan(0);
      expect(copied.tokens.filter((token) => token.source === 'copy')).toHaveLength(copied.accepted);
      expect(copied.forwards).toBeLessThan(plain.forwards);
      expect(plain).toMatchObject({ drafted: 0, accepted: 0 });
    },
  );

  test('tells what it has written while it writes', async () => {
    const block = request({ session: 'told', prefix: 'function f(a, b) {\n  const x = 1;\n', mode: 'block' });
    const told: string[] = [];
    const { text } = await engine.complete(block, never(), undefined, (written) => told.push(written));
    expect(told.length).toBeGreaterThan(1);
    for (const written of told) expect(text.startsWith(written)).toBe(true);
    expect(told).toEqual(told.toSorted((one, other) => one.length - other.length));
  });

  test('ends a block with the line it is in once that is due', async () => {
    const block = request({
      session: 'block',
      prefix: 'function f(a, b) {\n  const x = 1;\n',
      mode: 'block',
      maxTokens: 60,
    });
    const whole = await engine.complete(block, never());
    const short = await engine.complete({ ...block, lineDeadlineMs: 0 }, never());
    expect(whole.text.split('\n').length).toBeGreaterThan(1);
    expect(short.stopReason).toBe('deadline');
    expect(short.text.trim().split('\n')).toHaveLength(1);
    expect(whole.text.startsWith(short.text)).toBe(true);
  });

  test('encodes behind the answer what the deadline left of a prompt', async () => {
    const long = Array.from({ length: 60 }, (_, i) => `const value${i} = compute(${i});\n`).join('');
    const late = request({ session: 'background', prefix: long, deadlineMs: 1 });
    const first = await engine.complete(late, never());
    expect(first).toMatchObject({ stopReason: 'deadline', tokens: [] });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const second = await engine.complete({ ...late, deadlineMs: 60_000 }, never());
    expect(first.cache.encoded).toBeGreaterThan(200);
    expect(second.cache.encoded).toBeLessThanOrEqual(64);
  });

  test('runs simultaneous requests one after another, each with its own answer', async () => {
    const alone = await engine.complete(request({ session: 'a' }), never());
    const both = await Promise.all([
      engine.complete(request({ session: 'b' }), never()),
      engine.complete(request({ session: 'c', prefix: 'def main():\n    ' }), never()),
    ]);
    expect(both[0].text).toBe(alone.text);
    expect(both[1].text).not.toBe(alone.text);
  });

  test('keeps half of the context for the prompt, however long an answer may be', async () => {
    const long = Array.from({ length: 100 }, (_, i) => `const value${i} = compute(${i});\n`).join('');
    const completion = await engine.complete(
      request({ session: 'greedy', prefix: long, maxTokens: 5000 }),
      never(),
    );
    expect(completion.cache.encoded).toBeGreaterThan(engine.info.contextTokens / 4);
    expect(completion.tokens.length).toBeLessThanOrEqual(engine.info.contextTokens / 2);
  });

  test('does not block the caller', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const { timings } = await engine.complete(request({ session: 'block', without: ['kv'] }), never());
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(timings.totalMs / 5 / 4);
  });
});

describe('an engine that cannot start', () => {
  test('ends a start that is no longer wanted, and leaves nothing half-built', async () => {
    const abort = new AbortController();
    const cacheDirectory = join(folder, 'aborted');
    const started = startEngine({ ...options, cacheDirectory }, abort.signal);
    abort.abort();
    await expect(started).rejects.toMatchObject({ code: 'start-cancelled' });
    expect((await readdir(cacheDirectory)).filter((name) => name !== 'hashes')).toEqual([]);
  });

  test('says which file is missing', async () => {
    const started = startEngine({ ...options, modelDirectory: join(folder, 'nowhere') });
    await expect(started).rejects.toThrow(SlipstreamError);
    await expect(started).rejects.toMatchObject({
      code: 'model-missing',
      message: expect.stringContaining('config.json'),
    });
  });

  test('says that the cache folder cannot be written, and leaves nothing there', async () => {
    const started = startEngine({ ...options, cacheDirectory: '/dev/null/cache' });
    await expect(started).rejects.toMatchObject({ code: 'cache-unwritable' });
  });
});

test('a defect in the worker rejects the request with a report, and the worker lives on', async () => {
  const broken = engine.complete(undefined as unknown as CompletionRequest, never());
  await expect(broken).rejects.toMatchObject({
    code: 'worker-crashed',
    message: expect.stringContaining('report'),
  });
  expect((await engine.complete(request(), never())).text).not.toBe('');
});
