import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DocumentStatus, RefreshAnswer } from '../../../server/protocol';
import { type GenericClient, patient, sample, sampleCaret, startClient } from './support';

let client: GenericClient;
let documents = 0;
const newUri = () => `file:///work/bad${++documents}.ts`;
const [line, character] = sampleCaret;

beforeAll(async () => {
  client = startClient();
  const { slipstream } = patient.initializationOptions;
  // Who has 20 s waits seconds for the analysis of a megabyte; an editor's 600 ms leave it none of them.
  // What was answered before an edit was refreshed is no answer to what is asked behind it.
  const settings = { without: ['monitor', 'type-through'] };
  await client.initialize({ initializationOptions: { slipstream: { ...slipstream, settings } } });
});
// A server that any of this had ended would not say goodbye in order.
afterAll(async () => expect(await client.stop()).toBe(0));

const send = (method: string, params: unknown) =>
  client.connection.sendNotification(method, params as object);
const change = (uri: string, version: unknown, contentChanges: unknown) =>
  send('textDocument/didChange', { textDocument: { uri, version }, contentChanges });
const at = (from: readonly [number, number], to: readonly [number, number], text: string) => ({
  range: { start: { line: from[0], character: from[1] }, end: { line: to[0], character: to[1] } },
  text,
});
const logged = (part: string) =>
  client.notified<{ message: string }>('window/logMessage', ({ message }) => message.includes(part));
const status = (uri: string) =>
  client.connection.sendRequest<DocumentStatus>('slipstream/documentStatus', { uri });

/** What the server completes there is what it completes in a document opened with `text`. */
async function expectText(uri: string, text: string, caret: readonly [number, number] = sampleCaret) {
  const fresh = newUri();
  client.open(fresh, text);
  const [expected] = await client.complete(fresh, ...caret);
  const [item] = await client.complete(uri, ...caret);
  expect(expected).toBeDefined();
  expect(item).toEqual(expected);
}

async function expectUnknown(uri: string) {
  expect(await client.complete(uri, line, character)).toEqual([]);
  expect(await status(uri)).toMatchObject({
    on: false,
    reason: expect.stringContaining('close and open it'),
  });
  await logged(`${uri}: The text of this document is not known any more`);
}

describe('changes', () => {
  it('that overlap or go backwards in one message each mean the text after the one before', async () => {
    const uri = newUri();
    client.open(uri, sample);
    await change(uri, 2, [
      at([12, 4], [12, 9], 'that.'),
      at([12, 2], [12, 6], '  th'),
      at([12, 6], [12, 9], 'is.'),
      at([0, 13], [0, 18], 'Queue'),
      at([0, 15], [0, 18], ''),
    ]);
    // "    that." -> "    that." -> "    this."; "Queue" -> "Qu"
    await expectText(uri, sample.replace('    this.\n', '    this..\n').replace('Stack', 'Qu'), sampleCaret);
  });

  it('that reach behind the document end with it', async () => {
    const uri = newUri();
    client.open(uri, 'old\nold\n');
    await change(uri, 2, [at([0, 0], [1_000_000, 0], sample)]);
    await change(uri, 3, [at([2, 0], [2, 1000], '  // nothing')]);
    const expected = sample.split('\n').with(2, '  // nothing').join('\n');
    await expectText(uri, expected);
  });

  it('may skip versions, and a client may not count at all', async () => {
    const uri = newUri();
    client.open(uri, sample.replace('    this.\n', '    \n'));
    await change(uri, 70, [at([12, 4], [12, 4], 'th')]);
    await change(uri, null, [at([12, 6], [12, 6], 'is')]);
    await change(uri, 71, [at([12, 8], [12, 8], '.')]);
    await expectText(uri, sample);
  });

  it.each<[string, unknown, unknown]>([
    ['whose version goes back', 0, [at([0, 0], [0, 0], 'x')]],
    ['that begin far outside', 2, [at([99, 0], [99, 0], 'x')]],
    ['at a negative line', 2, [at([-1, 0], [0, 0], 'x')]],
    ['at half a character', 2, [at([0, 0.5], [0, 1], 'x')]],
    ['without text', 2, [{ range: at([0, 0], [0, 0], '').range }]],
    ['that are null', 2, [null]],
    ['without a list', 2, null],
  ])('%s make the document unknown, until it is sent as a whole', async (_, version, contentChanges) => {
    const uri = newUri();
    client.open(uri, sample);
    await change(uri, version, contentChanges);
    await expectUnknown(uri);
    await change(uri, 3, [at([0, 0], [0, 0], 'y')]);
    await expectUnknown(uri);
    await change(uri, 4, [{ text: sample }]);
    expect(await status(uri)).toMatchObject({ on: true });
    await expectText(uri, sample);
  });

  it('of a document that is unknown are no matter when it is opened again', async () => {
    const uri = newUri();
    client.open(uri, 'x');
    await change(uri, 2, [null]);
    await expectUnknown(uri);
    await send('textDocument/didClose', { textDocument: { uri } });
    client.open(uri, sample);
    await expectText(uri, sample);
  });

  it('of documents that were never opened are named in the log', async () => {
    const uri = newUri();
    await change(uri, 2, [at([0, 0], [0, 0], 'x')]);
    await send('textDocument/didClose', { textDocument: { uri } });
    await logged(`Ignored a change of ${uri}: it is not open`);
    expect(await client.complete(uri, 0, 0)).toEqual([]);
    client.open(uri, sample);
    await expectText(uri, sample);
  });

  it('that come while a request runs end it, whether they can be applied or not', async () => {
    for (const changes of [[at([0, 0], [0, 0], '// x\n')], [null]]) {
      const uri = newUri();
      client.open(uri, sample);
      const request = client.complete(uri, line, character);
      await change(uri, 2, changes);
      expect(await request).toEqual([]);
      await logged(`${uri}: The document changed before`);
    }
  });
});

describe('megabytes', () => {
  const megabyte = 'const value = compute(first, second);\n'.repeat(27_600);

  it('that are pasted are completed in like any text, and answered in time', async () => {
    const uri = newUri();
    client.open(uri, sample);
    const started = performance.now();
    await change(uri, 2, [at([15, 0], [15, 0], megabyte)]);
    const [item] = await client.complete(uri, line, character);
    expect(performance.now() - started).toBeLessThan(3000);
    expect(item?.insertText).toMatch(/\w/);
    await change(uri, 3, [at([15, 0], [15 + 27_600, 0], '')]);
    await expectText(uri, sample);
  });

  it('beyond the limit are answered at once with why not, and are forgotten when they are undone', async () => {
    const uri = newUri();
    client.open(uri, sample);
    const started = performance.now();
    await change(uri, 2, [at([15, 0], [15, 0], megabyte.repeat(5))]);
    expect(await client.complete(uri, line, character)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2000);
    await logged(`${uri}: Completions are off in this file: it has 5.0 M characters`);
    await change(uri, 3, [at([15, 0], [15 + 5 * 27_600, 0], '')]);
    await expectText(uri, sample);
  });
});

describe('requests', () => {
  const request = (params: unknown, method = 'textDocument/inlineCompletion') =>
    client.connection.sendRequest<unknown>(method, params as object);

  it('without what they cannot do without are refused in one sentence', async () => {
    const textDocument = { uri: newUri() };
    client.open(textDocument.uri, sample);
    const selected = { selectedCompletionInfo: { text: 'x' } };
    for (const params of [
      {},
      { textDocument },
      { textDocument, position: null },
      { position: { line, character } },
      { textDocument: null, position: { line, character } },
      { textDocument, position: { line, character }, context: selected },
    ]) {
      await expect(request(params), JSON.stringify(params)).rejects.toMatchObject({
        code: -32602,
        message: expect.stringMatching(/^The request cannot be answered, because [^\n]*\.$/),
      });
    }
    await expect(request(null)).rejects.toMatchObject({ code: -32602 });
    for (const method of ['slipstream/documentStatus', 'slipstream/refresh']) {
      for (const params of [null, {}, { uri: 5 }]) {
        await expect(request(params, method)).rejects.toMatchObject({ code: -32602 });
      }
    }
  });

  it('at places that are none get nothing, with the reason in the log', async () => {
    for (const position of [
      {},
      { line: -1, character: 0 },
      { line: 0, character: 0.5 },
      { line: '1', character: 1 },
    ]) {
      const textDocument = { uri: newUri() };
      client.open(textDocument.uri, sample);
      expect(await request({ textDocument, position })).toEqual({ items: [] });
      await logged(`${textDocument.uri}: The position is none`);
    }
  });

  it('may leave out or null what LSP asks for and nobody needs', async () => {
    const uri = newUri();
    client.open(uri, sample);
    for (const context of [undefined, null, { triggerKind: 1, selectedCompletionInfo: null }]) {
      const params = { textDocument: { uri }, position: { line, character }, context };
      const { items } = (await request(params)) as { items: { insertText: string }[] };
      expect(items[0]?.insertText).toMatch(/\w/);
    }
  });

  it('for documents that were opened in a wrong way find none', async () => {
    const uri = newUri();
    for (const params of [null, {}, { textDocument: null }, { textDocument: { uri, version: 1 } }]) {
      await send('textDocument/didOpen', params);
    }
    await send('textDocument/didClose', null);
    expect(await client.complete(uri, 0, 0)).toEqual([]);
    await logged('Ignored a didOpen');
  });
});

describe('the cache', () => {
  /** Tokens of the last prompt that were encoded, and all of them, as the log tells. */
  async function encoded(server: GenericClient, uri: string, row: number = line) {
    const before = server.notifications.length;
    const [item] = await server.complete(uri, row, character);
    expect(item).toBeDefined();
    const pattern = /: (.*?)([\d,]+) of ([\d,]+) encoded, ended by \S+?\.(.*)$/;
    const told = server.notifications
      .slice(before)
      .map(({ params }) => pattern.exec((params as { message: string }).message))
      .find((match) => match !== null);
    const count = (text = '') => Number(text.replaceAll(',', ''));
    return { item, encoded: count(told?.[2]), all: count(told?.[3]), why: told?.[4]?.trim() };
  }

  it('of a document goes when it is closed', async () => {
    const uri = newUri();
    client.open(uri, sample);
    const first = await encoded(client, uri);
    expect(first.encoded).toBe(first.all);
    expect((await encoded(client, uri)).encoded).toBeLessThan(first.all / 4);
    await send('textDocument/didClose', { textDocument: { uri } });
    client.open(uri, sample);
    expect((await encoded(client, uri)).encoded).toBe(first.all);
  });

  it('is what a fresh document has, after a refresh', async () => {
    const uri = newUri();
    client.open(uri, sample);
    await encoded(client, uri);
    await change(uri, 2, [at([1, 2], [1, 2], '/* changed */ ')]);
    const edited = await encoded(client, uri);
    expect(edited.encoded).toBeLessThan(edited.all);
    const refresh = () => client.connection.sendRequest<RefreshAnswer>('slipstream/refresh', { uri });
    expect(await refresh()).toEqual({ stale: 0 });
    expect(await refresh()).toEqual({ stale: 0 });
    await expectText(uri, sample.replace('  private', '  /* changed */ private'));
    const unknown = client.connection.sendRequest('slipstream/refresh', { uri: 'file:///never' });
    expect(await unknown).toEqual({ stale: 0 });
  });

  it('that may take nothing changes no completion, and the log says that nothing is kept', async () => {
    const other = startClient();
    const slipstream = { deadlineMs: 20_000, settings: { without: ['monitor'], cacheMegabytes: 0 } };
    await other.initialize({ initializationOptions: { slipstream } });
    const uri = newUri();
    client.open(uri, sample);
    other.open(uri, sample);
    for (const version of [2, 3]) {
      // What was shown before holds no more: the second request has to be computed, too.
      const contentChanges = [at([0, 0], [0, 0], '\n')];
      const params = { textDocument: { uri, version }, contentChanges };
      for (const { connection } of [client, other])
        await connection.sendNotification('textDocument/didChange', params);
      const row = line + version - 1;
      const [expected] = await client.complete(uri, row, character);
      const result = await encoded(other, uri, row);
      expect(result.item).toEqual(expected);
      expect(result.encoded).toBe(result.all);
      expect(result.why).toMatch(/^Nothing is kept for the next request, because .*\.$/);
    }
    expect(await other.stop()).toBe(0);
  });
});
