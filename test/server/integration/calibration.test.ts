import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CancellationTokenSource, ProgressType } from 'vscode-jsonrpc';
import type { CalibrationAnswer, ServerStatus } from '../../../server/protocol';
import { built, type GenericClient, scratchFolder, startClient } from './support';

const scratch = scratchFolder();
const config = path.join(scratch.path, 'config');
const stored = path.join(config, 'thresholds.json');
const env = { SLIPSTREAM_CONFIG_DIR: config };
const source = path.join(import.meta.dirname, '../../../client');

afterAll(scratch.remove);

const calibrate = (...args: string[]) =>
  spawnSync(process.execPath, [built('cli.js'), 'calibrate', ...args], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });

function folderWith(name: string, files: Readonly<Record<string, string | Buffer>>): string {
  const folder = path.join(scratch.path, name);
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(folder, file), content);
  return folder;
}

describe('on the command line', () => {
  let before: string;

  beforeAll(() => {
    const { status, stdout, stderr } = calibrate(source, '--n', '80');
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/unsure from \d\.\d+ nats on \(before: \d\.\d+\): at \d+\.\d % of \d+ tokens/);
    before = readFileSync(stored, 'utf8');
  });

  test('what is learned is kept, and is the threshold from then on', () => {
    const first = JSON.parse(before).thresholds[0];
    expect(first).toMatchObject({ precision: 'int8', fim: true });
    const again = calibrate(source, '--n', '80', '--json');
    const { threshold, previous } = JSON.parse(again.stdout);
    expect(previous).toBeCloseTo(first.threshold, 9);
    expect(threshold).toBeCloseTo(first.threshold, 9);
  });

  test.each([
    ['empty', {}, 'no source text'],
    [
      'tiny',
      { 'a.ts': `${'const value = compute(first, second);\n'.repeat(20)}` },
      'needed; choose a folder',
    ],
    ['binary', { 'a.ts': Buffer.alloc(4096, 'a\0b') }, 'no source text'],
  ])('a folder that is %s is an error of one line, and the old threshold stays', (name, files, says) => {
    const { status, stderr } = calibrate(folderWith(name, files));
    expect(status, stderr).toBe(1);
    expect(stderr).toContain(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(readFileSync(stored, 'utf8')).toBe(before);
  });

  test('so is one that cannot be read', () => {
    const { status, stderr } = calibrate(path.join(scratch.path, 'not-there'));
    expect(status).toBe(1);
    expect(stderr).toContain('cannot be read');
    expect(readFileSync(stored, 'utf8')).toBe(before);
  });

  test('a file of thresholds that is broken is replaced', () => {
    writeFileSync(stored, '{"version":');
    expect(calibrate(source, '--n', '80').status).toBe(0);
    expect(JSON.parse(readFileSync(stored, 'utf8')).thresholds).toHaveLength(1);
  });
});

describe('from an editor', () => {
  let client: GenericClient;
  const workspaceFolders = [{ uri: pathToFileURL(source).href, name: 'client' }];
  const initializationOptions = { slipstream: { notifications: true } };

  beforeAll(async () => {
    mkdirSync(config, { recursive: true });
    writeFileSync(stored, JSON.stringify({ version: 0, thresholds: [] }));
    client = startClient(env);
    await client.initialize({ workspaceFolders, initializationOptions });
    await client.notified<ServerStatus>('slipstream/status', ({ state }) => state === 'ready');
  });
  afterAll(() => client.stop());

  test('thresholds of another version are ignored with a line in the log', async () => {
    const line = await client.notified<{ message: string }>('window/logMessage', ({ message }) =>
      message.includes('thresholds'),
    );
    expect(line.message).toMatch(/are ignored, because they are from another version/);
  });

  test('a calibration that is cancelled changes nothing', async () => {
    const old = readFileSync(stored, 'utf8');
    const cancel = new CancellationTokenSource();
    let told = 0;
    client.connection.onProgress(new ProgressType<{ percentage: number }>(), 'mine', () => {
      if (++told === 2) cancel.cancel();
    });
    const params = { workDoneToken: 'mine' };
    const answer = await client.connection.sendRequest('slipstream/calibrate', params, cancel.token);
    expect(answer).toBeNull();
    expect(told).toBeGreaterThanOrEqual(2);
    expect(readFileSync(stored, 'utf8')).toBe(old);
  });

  test('one that ends tells what it has learned, and the engine uses it while completions go on', async () => {
    const uri = 'file:///work/a.ts';
    client.open(uri, 'function add(a: number, b: number) {\n  return a ');
    const calibrate = (places: number) =>
      client.connection.sendRequest<CalibrationAnswer>('slipstream/calibrate', { places });
    const running = calibrate(120);
    await client.complete(uri, 1, 11, { triggerKind: 1 });
    const answer = await running;
    expect(answer.tokens).toBeGreaterThan(1000);
    expect(JSON.parse(readFileSync(stored, 'utf8')).thresholds[0].threshold).toBe(answer.threshold);
    expect((await calibrate(80)).previous).toBe(answer.threshold);
  });

  test('without a folder it says so', async () => {
    const other = startClient({ SLIPSTREAM_CONFIG_DIR: path.join(scratch.path, 'other') });
    await other.initialize();
    await expect(other.connection.sendRequest('slipstream/calibrate', {})).rejects.toThrow(/no folder/);
    expect(existsSync(path.join(scratch.path, 'other'))).toBe(false);
    await other.stop();
  });
});
