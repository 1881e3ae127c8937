import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CompletionOutcome, DocumentStatus, Settings, TraceAnswer } from '../../../server/protocol';
import { recordRequests } from './recorder';
import { type GenericClient, sample, sampleCaret, scratchFolder, startClient } from './support';

const scratch = scratchFolder();
const project = path.join(scratch.path, 'project');
const recorder = recordRequests(scratch.path);
const uriOf = (name: string) => pathToFileURL(path.join(project, name)).href;
const remote = 'vscode-remote://ssh-remote%2Bhost/home/me/project';
const secret = 'sk_live_4242canary';
const ignored = 'ignoredCanary';

let client: GenericClient;

beforeAll(async () => {
  mkdirSync(path.join(project, '.git'), { recursive: true });
  writeFileSync(path.join(project, '.gitignore'), 'out/\n');
  client = startClient({ ...recorder.env, SLIPSTREAM_CONFIG_DIR: path.join(scratch.path, 'config') });
  const folder = pathToFileURL(project).href;
  await client.initialize({
    workspaceFolders: [
      { uri: folder, name: 'project' },
      { uri: remote, name: 'remote' },
    ],
    initializationOptions: { slipstream: { notifications: true, deadlineMs: 20_000 } },
  });
  configure({});
});
afterAll(async () => {
  await client.stop();
  scratch.remove();
});

function configure(settings: Partial<Settings>): void {
  const slipstream = { eagerness: 'eager', context: { recent: 60, open: 60, edits: 30 }, ...settings };
  void client.connection.sendNotification('workspace/didChangeConfiguration', { settings: { slipstream } });
}
const statusOf = (uri: string): Promise<DocumentStatus> =>
  client.connection.sendRequest('slipstream/documentStatus', { uri });
const trace = async () => ((await client.connection.sendRequest('slipstream/trace')) as TraceAnswer).text;
const byHand = { triggerKind: 1 } as const;
/** The reasons of empty answers in a document, in their order. */
const reasons = (uri: string) =>
  client.notifications.flatMap(({ method, params }) => {
    const outcome = params as CompletionOutcome;
    return method === 'slipstream/outcome' && outcome.uri === uri ? [outcome.emptyReason] : [];
  });

test('a glob with a folder starts at each folder of the workspace, also at one on another machine', async () => {
  configure({ secretFiles: { 'config/prod.yaml': true } });
  for (const root of [pathToFileURL(project).href, remote]) {
    client.open(`${root}/config/prod.yaml`, 'a: 1\n', 'yaml');
    client.open(`${root}/other/config/prod.yaml`, 'a: 1\n', 'yaml');
    const { reason } = await statusOf(`${root}/config/prod.yaml`);
    expect(reason).toContain('(config/prod.yaml)');
    expect(await statusOf(`${root}/other/config/prod.yaml`)).toMatchObject({ on: true });
  }
  configure({});
});

describe('a file with keys', () => {
  const uri = uriOf('.env');
  beforeAll(() => client.open(uri, `STACK_ITEMS_PUSH_POP=${secret}\nSTACK_ITEMS=\n`, 'dotenv'));

  test('is off, and says why', async () => {
    expect(await statusOf(uri)).toMatchObject({
      on: false,
      reason: expect.stringContaining('keys or passwords'),
    });
    expect(await client.complete(uri, 1, 12, byHand)).toEqual([]);
    expect(reasons(uri)).toEqual(['secret-file']);
    expect(await trace()).toMatch(/\.env:2:13 {2}empty secret-file/);
  });

  test('nothing of it reaches the engine, nor of what git ignores, in whatever document one is', async () => {
    client.change(uri, 2, [1, 12], [1, 12], secret);
    client.open(uriOf('out/stack.ts'), sample.replaceAll('Stack', ignored));
    client.open(uriOf('heap.ts'), sample.replaceAll('Stack', 'Heap'));
    client.open(
      uriOf('queue.ts'),
      sample.replaceAll('Stack', 'Queue').replace('this.\n', 'this.items = [];\n'),
    );
    client.open(uriOf('main.ts'), sample);
    for (const name of ['.env', 'out/stack.ts', 'heap.ts']) {
      const viewed = { uri: uriOf(name), first: 0, last: 14 };
      await client.connection.sendNotification('slipstream/viewed', viewed);
    }
    client.change(uriOf('out/stack.ts'), 2, [0, 0], [0, 0], `// ${ignored}\n`);
    client.change(uriOf('main.ts'), 2, [0, 0], [0, 0], '// Edited.\n');
    const [line, character] = sampleCaret;
    await client.complete(uriOf('main.ts'), line + 1, character, byHand);
    const requests = recorder.requests();
    const told = JSON.stringify(requests);
    expect(requests.length).toBeGreaterThan(0);
    // What is not secret does arrive.
    expect(told).toContain('Heap');
    expect(told).toContain('Queue');
    expect(told).not.toContain(secret);
    expect(told).not.toContain(ignored);
  });

  test('is another file like any other where the user says so, and any file can be one', async () => {
    configure({ secretFiles: { '.env': false, 'heap.ts': true } });
    expect(await statusOf(uri)).toMatchObject({ on: true });
    expect(await statusOf(uriOf('heap.ts'))).toMatchObject({ on: false });
    configure({});
    expect(await statusOf(uri)).toMatchObject({ on: false });
  });
});

describe('where nothing is completed', () => {
  const uri = uriOf('src/notes.ts');
  beforeAll(() => client.open(uri, `// A note about\n${sample}`));

  test('globs and schemes, relative to the workspace', async () => {
    expect(await statusOf(uri)).toMatchObject({ on: true });
    for (const name of ['src/**', '*.ts', 'file:']) {
      configure({ disable: { [name]: true } });
      expect(await statusOf(uri)).toMatchObject({ on: false, reason: expect.stringContaining(name) });
    }
    configure({ disable: { 'lib/**': true } });
    expect(await statusOf(uri)).toMatchObject({ on: true });
  });

  test('in comments the engine is not asked', async () => {
    configure({ disable: { comments: true } });
    const before = recorder.requests().length;
    expect(await client.complete(uri, 0, 15, byHand)).toEqual([]);
    expect(reasons(uri)).toEqual(['in-comment']);
    expect(recorder.requests()).toHaveLength(before);
    const [line, character] = sampleCaret;
    await client.complete(uri, line + 1, character, byHand);
    expect(recorder.requests().length).toBeGreaterThan(before);
  });

  test('what a program has written', async () => {
    client.open(uriOf('types.ts'), '// @generated by a tool\nexport {};\n');
    expect(await statusOf(uriOf('types.ts'))).toMatchObject({ on: false });
    configure({ disable: { generated: false } });
    expect(await statusOf(uriOf('types.ts'))).toMatchObject({ on: true });
  });

  test('what cannot be written, until it is edited', async () => {
    writeFileSync(path.join(project, 'fixed.ts'), sample, { mode: 0o444 });
    client.open(uriOf('fixed.ts'), sample);
    expect(await statusOf(uriOf('fixed.ts'))).toMatchObject({ on: false });
    client.change(uriOf('fixed.ts'), 2, [0, 0], [0, 0], '// Edited.\n');
    expect(await statusOf(uriOf('fixed.ts'))).toMatchObject({ on: true });
  });
});
