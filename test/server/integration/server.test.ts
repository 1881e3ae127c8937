import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CancellationTokenSource, type InlineCompletionList } from 'vscode-languageserver-protocol/node';
import { version } from '../../../package.json';
import { type GenericClient, sample, sampleCaret, startClient } from './support';

const [line, character] = sampleCaret;
const position = { line, character };
let client: GenericClient;
let documents = 0;
const newUri = () => `file:///work/document${++documents}.ts`;

/** Opens a document of its own and completes in it. */
async function completeIn(text: string, at: readonly [number, number] = sampleCaret, languageId?: string) {
  const uri = newUri();
  client.open(uri, text, languageId);
  return client.complete(uri, ...at);
}

beforeAll(async () => {
  client = startClient();
  await client.initialize();
});
afterAll(() => client.stop());

describe('a generic client over stdio', () => {
  it('gets a completion to insert at the caret, even as its first request', async () => {
    const [item] = await completeIn(sample);
    expect(item?.insertText).toMatch(/^sh\b/);
    expect(item?.range).toEqual({ start: position, end: position });
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
    client.open(uri, sample.replace('Stack', '😀').replace('this.items.pu', '').replaceAll('\n', '\r\n'));
    client.change(uri, 2, [0, 15], [0, 15], 'Sta');
    client.change(uri, 3, [0, 18], [0, 18], 'ckk');
    client.change(uri, 4, [0, 20], [0, 21], '');
    for (const [index, letter] of [...'this.items.pu'].entries()) {
      client.change(uri, 5 + index, [4, 4 + index], [4, 4 + index], letter);
    }
    const [typed] = await client.complete(uri, ...sampleCaret);
    expect(typed).toEqual(expected);
  });

  it("gets the document's own line ending in a completion of several lines", async () => {
    const items = await completeIn(
      'function sum(values) {\r\n  let total = 0;\r\n  for (const value of values) {',
      [2, 31],
    );
    const text = String(items[0]?.insertText);
    expect(text).toContain('\r\n');
    expect(text.replaceAll('\r\n', '')).not.toContain('\n');
  });

  it('counts columns in UTF-16 units', async () => {
    const [item] = await completeIn(sample.replace('    this', '/*😀*/this'), [4, 19]);
    expect(item?.insertText).toMatch(/^sh\b/);
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
    expect(item?.insertText).toMatch(/^sh\b/);
  });

  it('gets ghost text that continues the selected suggestion', async () => {
    const uri = newUri();
    client.open(uri, sample.replace('this.items.pu', 'this.items.ps'));
    const range = { start: { line, character: character - 2 }, end: position };
    const [item] = await client.complete(uri, ...sampleCaret, {
      selectedCompletionInfo: { range, text: 'push' },
    });
    expect(item?.insertText).toMatch(/^push\(/);
    expect(item?.range).toEqual(range);
    expect(item?.filterText?.startsWith('ps(')).toBe(true);
  });
});

describe('cancellation', () => {
  const blockText = 'export function longOne(values: number[]): number {\n  ';

  it('ends a request long before it would be ready', async () => {
    const uri = newUri();
    client.open(uri, sample.repeat(20) + blockText);
    const source = new CancellationTokenSource();
    const started = performance.now();
    const params = {
      textDocument: { uri },
      position: { line: 20 * 11 + 1, character: 2 },
      context: { triggerKind: 2 },
    };
    const request = client.connection
      .sendRequest<InlineCompletionList>('textDocument/inlineCompletion', params, source.token)
      .then(({ items }) => items);
    setTimeout(() => source.cancel(), 5);
    expect(await request).toEqual([]);
    expect(performance.now() - started).toBeLessThan(400);
  });

  it('ends an older request for the same document when a newer one comes', async () => {
    const uri = newUri();
    client.open(uri, sample.repeat(20) + blockText);
    const older = client.complete(uri, 20 * 11 + 1, 2);
    const newer = client.complete(uri, ...sampleCaret);
    expect(await older).toEqual([]);
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

  it('ends with 1 if the client leaves without saying goodbye', async () => {
    const other = startClient();
    await other.initialize();
    await other.connection.sendNotification('exit');
    expect(await other.exited).toBe(1);
  });

  it('ends when its pipe is closed', async () => {
    const other = startClient();
    await other.initialize();
    other.process.stdin?.end();
    expect(await other.exited).not.toBeNull();
  });
});
