import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CancellationTokenSource, ProgressType } from 'vscode-jsonrpc';
import { startLspClient } from '../../../server/bench/lspClient';
import type { BenchAnswer, BenchParams, BenchSuite } from '../../../server/protocol';
import { built, type GenericClient, scratchFolder, startClient } from './support';

let client: GenericClient;
let scratch: ReturnType<typeof scratchFolder>;

beforeEach(async () => {
  scratch = scratchFolder();
  // What a benchmark puts aside for a while lands where it can be looked for.
  client = startClient({ TMPDIR: scratch.path });
});

afterEach(async () => {
  await client.stop();
  scratch.remove();
});

const run = (params: unknown, cancel = new CancellationTokenSource()): Promise<BenchAnswer> =>
  client.connection.sendRequest('slipstream/bench/run', params, cancel.token);

interface Progress {
  readonly kind: string;
  readonly message?: string;
}

/** What is told under a token from now on, and a wait for the first that fits. */
function listen(token: string | number) {
  const told: Progress[] = [];
  client.connection.onProgress(new ProgressType<Progress>(), token, (value) => {
    told.push(value);
  });
  const until = (text: string) =>
    vi.waitFor(() => expect(told.map(({ message }) => message)).toContain(text), 20_000);
  return { told, until };
}

test('the suites are told, each with one line', async () => {
  await client.initialize();
  const suites: BenchSuite[] = await client.connection.sendRequest('slipstream/bench/suites');
  expect(suites.map(({ name }) => name)).toContain('startup');
  for (const { description } of suites) expect(description).toMatch(/^[^\n]+$/);
});

test('a suite that cannot run says why, and the next one measures and tells how it goes', async () => {
  const params = { initializationOptions: { slipstream: { settings: { model: '/nowhere/no-such-model' } } } };
  await client.initialize(params);
  const failing = await run({ suites: ['startup'] } satisfies BenchParams);
  expect(failing.reports[0]?.failure).toMatch(/\S/);
  expect(failing.reports[0]?.rows).toEqual([]);
  expect(failing.stopped).toBe(false);

  await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: { model: '' } });
  const { told } = listen('mine');
  const answer = await run({ suites: ['startup'], workDoneToken: 'mine' } satisfies BenchParams);
  expect(answer.reports[0]?.failure).toBeUndefined();
  expect(answer.reports[0]?.rows[0]?.value).toBeGreaterThan(0);
  expect(answer.pages[0]?.table).toHaveLength((answer.reports[0]?.rows.length ?? 0) + 1);
  expect(answer.pages[0]?.charts).not.toEqual([]);
  expect(answer.markdown).toContain('## startup');
  expect(told[0]?.kind).toBe('begin');
  expect(told.map(({ message }) => message)).toContain('startup: memory of the server');
  expect(told.at(-1)?.kind).toBe('end');
});

test('cancelling ends the process that measures, and the next benchmark may start', async () => {
  await client.initialize({ initializationOptions: { slipstream: { settings: { precision: 'int4' } } } });
  const cancel = new CancellationTokenSource();
  const { until } = listen(1);
  const answer = run({ suites: ['startup', 'decode'], workDoneToken: 1 }, cancel);
  await until('startup: first start, with an empty cache');
  const children = measuring(client.process.pid);
  expect(children).toHaveLength(1);
  const given = readFileSync(`/proc/${children[0]}/cmdline`, 'utf8').split('\0').slice(2);
  expect(given).toEqual(['bench', 'startup', '--device', 'auto', '--precision', 'int4', '']);
  await expect(run({ suites: ['startup'] })).rejects.toThrow(/another benchmark is running/);
  cancel.cancel();
  expect(await answer).toMatchObject({ reports: [], stopped: true });
  expect(measuring(client.process.pid)).toEqual([]);
  expect(readdirSync(scratch.path)).toEqual([]);
});

test('the process that measures ends with the server', async () => {
  await client.initialize();
  const { until } = listen(1);
  run({ suites: ['startup'], workDoneToken: 1 }).catch(() => {});
  await until('startup: first start, with an empty cache');
  const [child] = measuring(client.process.pid);
  expect(child).toBeDefined();
  client.process.kill('SIGKILL');
  await client.exited;
  await vi.waitFor(() => expect(() => process.kill(Number(child), 0)).toThrow(), 10_000);
  expect(readdirSync(scratch.path).filter((name) => name.startsWith('slipstream-startup'))).toEqual([]);
  client = startClient();
  await client.initialize();
});

test.each([
  [undefined, /need suites/],
  [{ suites: [] }, /need suites/],
  [{ suites: ['nothing'] }, /no suite "nothing"/],
  [{ suites: ['startup'], files: 'all' }, /files must be/],
  [{ suites: ['startup'], files: 'workspace' }, /no folder of this machine is open/],
])('%j is refused with a sentence', async (params, why) => {
  await client.initialize();
  await expect(run(params)).rejects.toThrow(why);
});

test("the user's own files are edited where that is wished, and a folder without source says so", async () => {
  await client.initialize({
    workspaceFolders: [{ uri: pathToFileURL(scratch.path).href, name: 'empty' }],
  });
  const { reports } = await run({ suites: ['edit-replay'], files: 'workspace' });
  expect(reports[0]?.failure).toContain(scratch.path);
});

test('the CLI goes on after a suite that failed, and exits with 1', () => {
  const file = (name: string) => path.join(scratch.path, name);
  const args = [
    'bench',
    'startup',
    'quality',
    '--model',
    '/nowhere',
    '--json',
    file('a.json'),
    '--markdown',
    file('a.md'),
  ];
  const { status, stderr } = spawnSync(process.execPath, [built('cli.js'), ...args], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr.trim()).toMatch(/Not measured: startup, quality/);
  const reports = JSON.parse(readFileSync(file('a.json'), 'utf8'));
  expect(reports).toHaveLength(2);
  expect(readFileSync(file('a.md'), 'utf8')).toContain('Not measured: ');
});

test('a server that is measured and ends is told of, instead of waited for', async () => {
  const measured = await startLspClient({
    root: path.dirname(path.dirname(built('cli.js'))),
    cacheDirectory: path.join(scratch.path, 'cache'),
    model: '',
  });
  process.kill(measured.pid, 'SIGKILL');
  await expect(measured.complete('file:///a.ts', { line: 0, character: 0 })).rejects.toThrow(
    /ended with SIGKILL/,
  );
  await measured.stop();
});

test('a pipe that breaks before the end of its server is heard of is not the reason given', async () => {
  const dist = path.join(scratch.path, 'dist');
  mkdirSync(dist);
  const says = JSON.stringify({ jsonrpc: '2.0', id: 0, result: { capabilities: {} } });
  writeFileSync(
    path.join(dist, 'server.js'),
    `process.stdin.on('data', (chunk) => {
      if (String(chunk).includes('"initialize"')) {
        process.stdout.write('Content-Length: ${says.length}\\r\\n\\r\\n${says}');
      } else if (String(chunk).includes('"initialized"')) {
        require('node:fs').closeSync(0);
        setTimeout(() => process.exit(3), 500);
      }
    });`,
  );
  const measured = await startLspClient({ root: scratch.path, cacheDirectory: scratch.path, model: '' });
  await new Promise((resolve) => setTimeout(resolve, 250));
  const place = { line: 0, character: 0 };
  const sent = [measured.complete('file:///a.ts', place), measured.open('file:///a.ts', 'typescript', '')];
  for (const { status, reason } of (await Promise.allSettled(sent)) as PromiseRejectedResult[]) {
    expect([status, String(reason)]).toEqual(['rejected', expect.stringContaining('ended with code 3')]);
  }
  await measured.stop();
});

test('a folder that is not there is an error of one line', () => {
  const bench = (...args: string[]) =>
    execFileSync(process.execPath, [built('cli.js'), 'bench', 'startup', ...args], { stdio: 'pipe' });
  expect(() => bench('--files', file('missing'))).toThrow(/no such folder/);
  expect(() => bench('--json', file('missing/report.json'))).toThrow(/there is no folder/);
  function file(name: string): string {
    return path.join(scratch.path, name);
  }
});

/** Processes of `cli.js bench` under a server. */
function measuring(server: number | undefined): number[] {
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.map(Number).filter((id) => {
    try {
      const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1];
      return Number(parent) === server && readFileSync(`/proc/${id}/cmdline`, 'utf8').includes('bench');
    } catch {
      // It ended in the meantime.
      return false;
    }
  });
}
