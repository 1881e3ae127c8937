import { afterEach, describe, expect, it } from 'vitest';
import type { CompletionOutcome, DocumentStatus, ServerStatus } from '../../../server/protocol';
import { type GenericClient, sample, sampleCaret, startClient } from './support';

let client: GenericClient;
const uri = 'file:///work/a.ts';
afterEach(() => client.stop());

/** A client that wants Slipstream's notifications and starts with these settings. */
async function start(settings: Record<string, unknown>, deadlineMs = 20_000) {
  client = startClient();
  await client.initialize({
    initializationOptions: { slipstream: { notifications: true, deadlineMs, settings } },
  });
}

const state = (wanted: ServerStatus['state']) =>
  client.notified<ServerStatus>('slipstream/status', (status) => status.state === wanted);
const outcome = (wanted: CompletionOutcome['emptyReason']) =>
  client.notified<CompletionOutcome>('slipstream/outcome', ({ emptyReason }) => emptyReason === wanted);
const documentStatus = () =>
  client.connection.sendRequest<DocumentStatus>('slipstream/documentStatus', { uri });

describe('the state of the engine', () => {
  it('goes from starting over ready to working and back', async () => {
    await start({});
    await state('ready');
    client.open(uri, sample);
    await client.complete(uri, ...sampleCaret);
    await client.notified<CompletionOutcome>('slipstream/outcome', ({ kind }) => kind === 'shown');
    const states = client.notifications
      .filter(({ method }) => method === 'slipstream/status')
      .map(({ params }) => (params as ServerStatus).state);
    expect(states).toEqual(['starting', 'ready', 'working', 'ready']);
  });

  it('is failed with one sentence for a model that is not there, and the server lives on', async () => {
    await start({ model: '/no/such/model' });
    const { reason } = await state('failed');
    expect(reason).toContain('/no/such/model');
    expect(reason).not.toContain('\n');
    client.open(uri, sample);
    expect(await client.complete(uri, ...sampleCaret)).toEqual([]);
    expect((await outcome('engine-failed')).reason).toBe(reason);

    const settings = { slipstream: { model: '' } };
    await client.connection.sendNotification('workspace/didChangeConfiguration', { settings });
    await state('ready');
    expect(await client.complete(uri, ...sampleCaret)).not.toEqual([]);
  });
});

describe('while the engine starts', () => {
  it('who types gets nothing in time, and who asks gets the answer when it is there', async () => {
    await start({}, 100);
    client.open(uri, sample);
    expect(await client.complete(uri, ...sampleCaret)).toEqual([]);
    await outcome('engine-starting');
    expect(await client.complete(uri, ...sampleCaret, { triggerKind: 1 })).not.toEqual([]);
  });
});

describe('settings', () => {
  it('switch a language off and on, and the document status says so', async () => {
    await start({ enable: { typescript: false } });
    client.open(uri, sample);
    expect(await documentStatus()).toMatchObject({
      on: false,
      reason: expect.stringContaining('typescript'),
    });
    expect(await client.complete(uri, ...sampleCaret)).toEqual([]);
    await outcome('language-off');
    const settings = { slipstream: { enable: { typescript: true } } };
    await client.connection.sendNotification('workspace/didChangeConfiguration', { settings });
    expect(await documentStatus()).toMatchObject({ on: true });
  });

  it('are asked for where the client can answer, and a wrong one is named in the log', async () => {
    client = startClient();
    client.connection.onRequest('workspace/configuration', () => [
      { precision: 'int3', enable: { typescript: false } },
    ]);
    await client.initialize({ capabilities: { workspace: { configuration: true } } });
    await client.notified<{ message: string }>('window/logMessage', ({ message }) =>
      message.includes('slipstream.precision is "int3"'),
    );
    client.open(uri, sample);
    expect(await documentStatus()).toMatchObject({ on: false });
  });
});

it('a request for a text that has changed since is dropped, also if the client does not cancel it', async () => {
  await start({});
  await state('ready');
  client.open(uri, sample);
  const request = client.complete(uri, ...sampleCaret);
  client.change(uri, 2, [0, 0], [0, 0], '// changed\n');
  expect(await request).toEqual([]);
  await outcome('document-changed');
});

it('a closed document is not completed any more', async () => {
  await start({});
  client.open(uri, sample);
  await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  expect(await client.complete(uri, ...sampleCaret)).toEqual([]);
  await outcome('document-not-open');
  expect(await documentStatus()).toMatchObject({ on: false });
});
