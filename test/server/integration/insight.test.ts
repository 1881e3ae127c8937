import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServerStatus, StatisticsAnswer, TraceAnswer } from '../../../server/protocol';
import { lineRule } from '../../syntaxes/grammar';
import { built, type GenericClient, sample, sampleCaret, scratchFolder, startClient } from './support';

const scratch = scratchFolder();
const config = path.join(scratch.path, 'config');
const env = { SLIPSTREAM_CONFIG_DIR: config };
const stored = path.join(config, 'statistics.json');
const own = { notifications: true, deadlineMs: 20_000 };
const uri = 'file:///work/stack.ts';
const [line, character] = sampleCaret;

afterAll(scratch.remove);

let client: GenericClient;

beforeAll(async () => {
  client = startClient(env);
  await client.initialize({ initializationOptions: { slipstream: own } });
  await client.notified<ServerStatus>('slipstream/status', ({ state }) => state === 'ready');
});
afterAll(() => client.stop());

const trace = async (from = client) =>
  (await from.connection.sendRequest<TraceAnswer>('slipstream/trace')).text;
const statistics = () => client.connection.sendRequest<StatisticsAnswer>('slipstream/statistics');
const counted = async () => JSON.parse((await statistics()).json);

describe('the trace of a real server', () => {
  test('says that nothing was asked, and then what a completion was made of', async () => {
    expect(await trace()).toContain('Nothing has been asked yet');
    client.open(uri, sample);
    const [item] = await client.complete(uri, line, character, { triggerKind: 1 });
    const text = await trace();
    for (const part of text
      .trimEnd()
      .split('\n')
      .filter((part) => part !== ''))
      expect(lineRule(part), part).toBeDefined();
    expect(text).toContain(
      `  place ${uri}#L${line + 1},${character + 1}  typescript  version 1  asked by the user`,
    );
    expect(text).toContain(`  text ${JSON.stringify(item?.insertText)}`);
    expect(text).toMatch(/^ {2}prompt \d+ tokens {2}model default.*device cpu$/m);
    expect(text).toMatch(/^ {4}segment (prefix|suffix) {2}\d+ tokens$/m);
    expect(text).toMatch(/^ {2}cache {2}kept \d+ {2}shifted \d+ {2}encoded \d+ {2}stale \d+$/m);
    expect(text).toMatch(/^ {4}\+ \w+ +(model|copy|lookahead) +\d+\.\d% {2}\d+\.\d\dn {2}"/m);
  });

  test('says why nothing was shown', async () => {
    client.open('file:///work/notes.txt', 'Some notes', 'plaintext');
    await client.complete('file:///work/notes.txt', 0, 10);
    expect(await trace()).toMatch(
      / notes\.txt:1:11 {2}empty language-off\n(?:.*\n){1,2} {2}! Completions are off/,
    );
  });
});

describe('the statistics of a real server', () => {
  test('count what is shown and accepted, and write numbers only', async () => {
    await client.connection.sendRequest('slipstream/statistics/reset');
    const [item] = await client.complete(uri, line, character, { triggerKind: 1 });
    expect((await counted()).languages.typescript).toMatchObject({ shown: 1, accepted: 0 });

    const inserted = String(item?.insertText);
    client.change(uri, 2, [line, character], [line, character], inserted);
    const { command, arguments: parameters } = item?.command ?? { command: '', arguments: [] };
    await client.connection.sendRequest('workspace/executeCommand', { command, arguments: parameters });
    const { page, json } = await statistics();
    const all = JSON.parse(json);
    expect(all.languages.typescript).toMatchObject({ shown: 1, accepted: 1, characters: inserted.length });
    expect(all.latency.fresh.reduce((sum: number, count: number) => sum + count)).toBe(1);
    expect(page.summary).toContain('1 shown, 1 accepted (100 %)');

    const written = readFileSync(stored, 'utf8');
    expect(JSON.parse(written)).toEqual(all);
    for (const secret of ['stack', 'this', 'items', '/work']) expect(written).not.toContain(secret);
  });

  test('are gone after a reset, and begin anew', async () => {
    await client.connection.sendRequest('slipstream/statistics/reset');
    expect(await counted()).toEqual({ version: 1, languages: {}, days: {}, empty: {}, latency: {} });
  });

  test('are written when the server ends, and another window goes on with them', async () => {
    const other = startClient(env);
    await other.initialize({ initializationOptions: { slipstream: own } });
    other.open('file:///work/other.py', 'def add(a, b):\n    return ', 'python');
    await other.complete('file:///work/other.py', 1, 11, { triggerKind: 1 });
    await other.stop();
    expect(JSON.parse(readFileSync(stored, 'utf8')).languages.python.shown).toBe(1);
    expect((await counted()).languages.python.shown).toBe(1);
  });

  test('of clients that cannot show them there are none', async () => {
    const before = readFileSync(stored, 'utf8');
    const generic = startClient(env);
    await generic.initialize({ initializationOptions: { slipstream: { deadlineMs: 20_000 } } });
    generic.open(uri, sample);
    const [item] = await generic.complete(uri, line, character);
    expect(item?.insertText).toMatch(/\w/);
    expect(item?.command).toBeUndefined();
    await generic.stop();
    expect(readFileSync(stored, 'utf8')).toBe(before);
  });
});

describe('complete --trace', () => {
  const file = path.join(scratch.path, 'stack.ts');
  const target = `${file}:${line + 1}:${character + 1}`;
  beforeAll(() => writeFileSync(file, sample));

  test('writes what the editor would show', () => {
    const to = path.join(scratch.path, 'stack.slipstream-trace');
    const out = execFileSync(process.execPath, [built('cli.js'), 'complete', target, '--trace', to]);
    const text = readFileSync(to, 'utf8');
    expect(text).toContain(`  text ${JSON.stringify(out.toString().slice(0, -1))}\n`);
    expect(text).toContain('stack.ts#L13,10  typescript');
  });

  test('says where it cannot write', () => {
    const to = path.join(scratch.path, 'nowhere', 'x.slipstream-trace');
    const { status, stderr } = spawnSync(process.execPath, [
      built('cli.js'),
      'complete',
      target,
      '--trace',
      to,
    ]);
    expect(status).toBe(1);
    expect(stderr.toString()).toContain('cannot be written: there is no such folder');
  });
});
