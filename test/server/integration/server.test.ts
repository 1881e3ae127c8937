import { fork } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CancellationTokenSource,
  createProtocolConnection,
  type InlineCompletionList,
  IPCMessageReader,
  IPCMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { version } from '../../../package.json';
import { built, type GenericClient, patient, sample, sampleCaret, startClient } from './support';

let client: GenericClient;
let documents = 0;
const blockText = 'export function longOne(values: number[]): number {\n  ';
const severalLines = `export const first = {
  name: 'first',
  size: 10,
  color: 'red',
};

export const second = {
  name: 'second',
  size: 20,
  color: 'green',
};

export const third = {
  \n};
`;
const newUri = () => `file:///work/document${++documents}.ts`;

/** Opens a document of its own and completes in it. */
async function completeIn(text: string, at: readonly [number, number] = sampleCaret, languageId?: string) {
  const uri = newUri();
  client.open(uri, text, languageId);
  return client.complete(uri, ...at);
}

beforeAll(async () => {
  client = startClient();
  await client.initialize(patient);
});
afterAll(() => client.stop());

describe('a generic client over stdio', () => {
  it('gets a completion to insert at the caret, even as its first request', async () => {
    const other = startClient();
    await other.initialize();
    other.open('file:///a.ts', sample);
    const [item] = await other.complete('file:///a.ts', ...sampleCaret);
    expect(item?.insertText).toMatch(/\w/);
    const [line, character] = sampleCaret;
    const position = { line, character };
    expect(item?.range).toEqual({ start: position, end: position });
    expect(await other.stop()).toBe(0);
  });

  it('sees no message that is not in LSP', () => {
    const methods = new Set(client.notifications.map(({ method }) => method));
    expect([...methods]).toEqual(['window/logMessage']);
  });

  it('is told why nothing is shown, in the log', async () => {
    await completeIn(sample, sampleCaret, 'plaintext');
    await client.notified<{ message: string }>('window/logMessage', ({ message }) =>
      message.includes('off for plaintext'),
    );
  });

  it('gets the same for a document that was typed as for one that was opened', async () => {
    const [expected] = await completeIn(sample.replace('Stack', '😀Stack').replaceAll('\n', '\r\n'));
    const uri = newUri();
    client.open(uri, sample.replace('Stack', '😀').replace('    this.\n', '    \n').replaceAll('\n', '\r\n'));
    client.change(uri, 2, [0, 15], [0, 15], 'Sta');
    client.change(uri, 3, [0, 18], [0, 18], 'ckk');
    client.change(uri, 4, [0, 20], [0, 21], '');
    for (const [index, letter] of [...'this.'].entries()) {
      client.change(uri, 5 + index, [12, 4 + index], [12, 4 + index], letter);
    }
    const [typed] = await client.complete(uri, ...sampleCaret);
    expect(typed).toBeDefined();
    expect(typed).toEqual(expected);
  });

  it("gets the document's own line ending in a completion of several lines", async () => {
    const other = startClient();
    // Without these the model is known to write several lines here.
    const settings = { without: ['healing', 'adaptive'], eagerness: 'eager' };
    await other.initialize({ initializationOptions: { slipstream: { settings } } });
    other.open('file:///b.ts', severalLines.replaceAll('\n', '\r\n'));
    const items = await other.complete('file:///b.ts', 13, 2, { triggerKind: 1 });
    await other.stop();
    const text = String(items[0]?.insertText);
    expect(text).toContain('\r\n');
    expect(text.replaceAll('\r\n', '')).not.toContain('\n');
  });

  it('gets nothing, and no error, where there is nothing to complete', async () => {
    expect(await completeIn(sample, [999, 0])).toEqual([]);
    expect(await completeIn('MZ\0\0\0', [0, 2])).toEqual([]);
    expect(await client.complete('file:///never/opened.ts', 0, 0)).toEqual([]);
  });

  it('gets an answer about a 10 MB document at once, and about a 1 MB one a completion', async () => {
    const started = performance.now();
    expect(await completeIn('const a = 1;\n'.repeat(800_000), [0, 0])).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2000);
    const [item] = await completeIn(sample + 'const a = 1;\n'.repeat(80_000));
    expect(item?.insertText).toMatch(/\w/);
  });

  it('gets ghost text that continues the selected suggestion, columns counted in UTF-16 units', async () => {
    const uri = newUri();
    client.open(uri, sample.replace('    this.\n', '/*😀*/this.it\n'));
    const range = { start: { line: 12, character: 11 }, end: { line: 12, character: 13 } };
    const [item] = await client.complete(uri, 12, 13, {
      // However unsure the model is.
      triggerKind: 1,
      selectedCompletionInfo: { range, text: 'items' },
    });
    expect(item?.insertText).toMatch(/^items./);
    expect(item?.range).toEqual(range);
    expect(item?.filterText).toBe(`it${String(item?.insertText).slice('items'.length)}`);
  });
});

describe('cancellation', () => {
  const long = sample.repeat(3) + blockText;
  const end = [3 * 15 + 1, 2] as const;
  const cancelled = (uri: string) =>
    client.notified<{ message: string }>('window/logMessage', ({ message }) =>
      message.startsWith(`${uri}: The request was cancelled`),
    );

  it('ends a request that runs', async () => {
    const uri = newUri();
    client.open(uri, long);
    const source = new CancellationTokenSource();
    const params = {
      textDocument: { uri },
      position: { line: end[0], character: end[1] },
      context: { triggerKind: 2 },
    };
    const request = client.connection
      .sendRequest<InlineCompletionList>('textDocument/inlineCompletion', params, source.token)
      .then(({ items }) => items);
    setTimeout(() => source.cancel(), 5);
    expect(await request).toEqual([]);
    await cancelled(uri);
  });

  it('ends an older request for the same document when a newer one comes', async () => {
    const uri = newUri();
    client.open(uri, long);
    const older = client.complete(uri, ...end);
    const newer = client.complete(uri, ...sampleCaret);
    expect(await older).toEqual([]);
    await cancelled(uri);
    expect(await newer).not.toEqual([]);
  });
});

describe('the handshake and the end', () => {
  it('names itself and what it can do', async () => {
    const other = startClient();
    const result = await other.connection.sendRequest('initialize', {
      processId: null,
      rootUri: null,
      capabilities: {},
    });
    expect(result).toMatchObject({
      capabilities: { inlineCompletionProvider: true, textDocumentSync: { openClose: true, change: 2 } },
      serverInfo: { name: 'Slipstream', version },
    });
    expect(await other.stop()).toBe(0);
  });

  it('serves a client that says nothing of itself', async () => {
    const other = startClient();
    await other.connection.sendRequest('initialize', { capabilities: {} });
    await other.connection.sendNotification('initialized', {});
    await other.connection.sendNotification('workspace/didChangeConfiguration', null);
    other.open('file:///a.ts', sample);
    expect(await other.complete('file:///a.ts', ...sampleCaret)).not.toEqual([]);
    expect(await other.stop()).toBe(0);
  });

  it('ends with 1 if the client leaves without saying goodbye', async () => {
    const other = startClient();
    await other.initialize();
    await other.connection.sendNotification('exit');
    expect(await other.exited).toBe(1);
  });

  it('speaks node IPC too, and ends when the channel is closed', async () => {
    const child = fork(built('server.js'), ['--node-ipc'], { execArgv: [] });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    const connection = createProtocolConnection(new IPCMessageReader(child), new IPCMessageWriter(child));
    connection.listen();
    const params = { processId: null, rootUri: null, capabilities: {} };
    expect(await connection.sendRequest('initialize', params)).toMatchObject({
      serverInfo: { name: 'Slipstream' },
    });
    child.disconnect();
    await exited;
  });

  it('ends in order when its pipe is closed while it generates', async () => {
    const other = startClient();
    await other.initialize(patient);
    await other.notified<{ message: string }>('window/logMessage', ({ message }) =>
      message.includes('ready'),
    );
    other.open('file:///a.ts', blockText);
    other.complete('file:///a.ts', 1, 2).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 150));
    other.process.stdin?.end();
    // Not null, which would mean that a signal (SIGABRT) ended it.
    expect(await other.exited).toBe(1);
  });

  it('ends when its pipe is closed', async () => {
    const other = startClient();
    await other.initialize();
    other.process.stdin?.end();
    expect(await other.exited).not.toBeNull();
  });
});
