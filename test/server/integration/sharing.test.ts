import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import type { ServerStatus } from '../../../server/protocol';
import { type GenericClient, patient, sample, sampleCaret, scratchFolder, startClient } from './support';

const scratch = scratchFolder();
let clients: GenericClient[] = [];
afterEach(async () => {
  for (const client of clients) await client.stop();
  clients = [];
});

const uri = 'file:///work/stack.ts';
const [line, character] = sampleCaret;

/** A window of the same user. */
async function window(): Promise<GenericClient> {
  const client = startClient({ SLIPSTREAM_RUNTIME_DIR: `${scratch.path}/run` });
  clients.push(client);
  const { slipstream } = patient.initializationOptions;
  // Each window has an analysis of its own, which is ready sooner or later.
  const settings = { without: ['monitor'] };
  await client.initialize({
    initializationOptions: { slipstream: { ...slipstream, settings, notifications: true } },
  });
  await ready(client);
  client.open(uri, sample);
  return client;
}

const ready = (client: GenericClient, says = '') =>
  client.notified<ServerStatus>(
    'slipstream/status',
    ({ state, reason }) => state === 'ready' && reason.includes(says),
  );

/** The ONNX runtime and the model are the most of what a process holds besides its programs. */
const holdsWeights = ({ process: { pid } }: GenericClient) =>
  readFileSync(`/proc/${pid}/maps`, 'utf8').includes('onnxruntime');

it('two windows hold one copy of the weights; when the first one is killed, the other completes on', async () => {
  const first = await window();
  const second = await window();
  await ready(second, `Another window holds it in memory for all (process ${first.process.pid})`);
  const ask = async (client: GenericClient) =>
    (await client.complete(uri, line, character, { triggerKind: 1 })).map(({ insertText }) => insertText);
  const [mine, theirs] = [await ask(first), await ask(second)];
  expect(mine[0]).toMatch(/\w/);
  expect(theirs).toEqual(mine);
  expect([holdsWeights(first), holdsWeights(second)]).toEqual([true, false]);

  const other = ask(second);
  first.process.kill('SIGKILL');
  const killed = performance.now();
  clients = [second];
  expect(await other).toEqual(mine);
  expect(await ask(second)).toEqual(mine);
  expect(performance.now() - killed).toBeLessThan(10_000);
  expect(holdsWeights(second)).toBe(true);

  const third = await window();
  expect(await ask(third)).toEqual(mine);
  expect(holdsWeights(third)).toBe(false);
  const nothingFailed = ({ params }: { params: unknown }) => (params as ServerStatus).state !== 'failed';
  expect(
    second.notifications.filter(({ method }) => method === 'slipstream/status').every(nothingFailed),
  ).toBe(true);
});
