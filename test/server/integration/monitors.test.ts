import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CompletionJson } from '../../../server/completion/result';
import type { CompletionOutcome } from '../../../server/protocol';
import { built, patient, scratchFolder, startClient } from './support';

const scratch = scratchFolder();
const file = path.join(scratch.path, 'cart.ts');
const members = ['label', 'amount', 'quantity'];
const before = `import type { Row } from './row';

export function total(rows: Row[]): number {
  let sum = 0;
  for (const row of rows) {
    sum += row.`;
const after = '\n  }\n  return sum;\n}\n';

beforeAll(() => {
  mkdirSync(scratch.path, { recursive: true });
  writeFileSync(path.join(scratch.path, 'tsconfig.json'), '{ "compilerOptions": { "strict": true } }');
  writeFileSync(
    path.join(scratch.path, 'row.ts'),
    'export interface Row {\n  label: string;\n  amount: number;\n  quantity: number;\n}\n',
  );
  writeFileSync(file, before + after);
});
afterAll(scratch.remove);

const firstName = (text: string) => /^[\w$]*/.exec(text)?.[0];

function complete(...flags: string[]): CompletionJson {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [built('cli.js'), 'complete', `${file}:6:16`, '--json', ...flags],
    { encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

test('on the command line a member is one that exists, and the trace says what the model had in mind', () => {
  const { tokens, monitored, contextTokens } = complete('--signature-tokens', '96');
  expect(members).toContain(firstName(tokens.map(({ text }) => text).join('')));
  expect(tokens[0]?.constrained).toBe(true);
  expect(monitored[0]).toMatchObject({ kinds: ['member'], at: 0, legal: 3 });

  const free = complete('--signature-tokens', '96', '--without', 'monitor');
  expect(free.monitored).toEqual([]);
  // What the other file declares is in the prompt, and goes with the monitors.
  expect(contextTokens).toBeGreaterThan(10);
  expect(free.contextTokens).toBe(0);
  expect(free.tokens.some(({ instead }) => instead !== undefined)).toBe(false);
});

test('a language server that runs is told what is saved, and what the client watches', async () => {
  const client = startClient();
  const registered: unknown[] = [];
  client.connection.onRequest('client/registerCapability', (params: { registrations: unknown[] }) => {
    registered.push(...params.registrations);
  });
  const diary = path.join(scratch.path, 'diary');
  const fakeServer = path.resolve('test/server/monitors/languageServer/fakeServer.mjs');
  const settings = { languageServers: { rust: [process.execPath, fakeServer, 'works', diary] } };
  await client.initialize({
    capabilities: { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } },
    initializationOptions: { slipstream: { settings } },
  });
  const told = () => (existsSync(diary) ? readFileSync(diary, 'utf8').split('\n') : []);
  client.open('file:///shop/main.rs', 'fn main() {}\n', 'rust');
  await expect.poll(told, { timeout: 60_000 }).toContain('completion');
  expect(registered).toMatchObject([
    {
      method: 'workspace/didChangeWatchedFiles',
      registerOptions: { watchers: [{ globPattern: expect.stringMatching(/[{,]rs[,}]/) }] },
    },
  ]);
  await client.connection.sendNotification('textDocument/didSave', {
    textDocument: { uri: 'file:///shop/main.rs' },
  });
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: 'file:///shop/lib.rs', type: 3 }],
  });
  await expect
    .poll(told, { timeout: 20_000 })
    .toEqual(expect.arrayContaining(['file main.rs 2', 'file lib.rs 3']));
  await client.stop();
});

test('a server completes with members that exist, of files that are open and not saved', async () => {
  const client = startClient();
  const settings = { without: ['adaptive'], eagerness: 'eager', signatureTokens: 96 };
  const { slipstream } = patient.initializationOptions;
  await client.initialize({
    initializationOptions: { slipstream: { ...slipstream, notifications: true, settings } },
  });
  const row = path.join(scratch.path, 'row.ts');
  client.open(pathToFileURL(row).href, 'export interface Row {\n  zebraCrossing: number;\n}\n');
  client.open(pathToFileURL(file).href, before + after);
  // Until the project is read no question is answered in time.
  await expect
    .poll(
      async () => {
        const items = await client.complete(pathToFileURL(file).href, 5, 15, { triggerKind: 1 });
        return items.map(({ insertText }) => String(insertText)).join();
      },
      { timeout: 60_000, interval: 500 },
    )
    .toMatch(/^zebraCrossing\b/);
  // Behind one completion it is looked up what the next one's prompt shows of the other file.
  const isSignature = ({ reason }: CompletionOutcome) => /encoded, \d+ of other files/.test(reason);
  await expect
    .poll(
      async () => {
        await client.complete(pathToFileURL(file).href, 5, 15, { triggerKind: 1 });
        return client.notifications.some(({ params }) => isSignature(params as CompletionOutcome));
      },
      { timeout: 20_000, interval: 200 },
    )
    .toBe(true);
  await client.stop();
});
