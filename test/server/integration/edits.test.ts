import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { RefreshAnswer } from '../../../server/protocol';
import { type GenericClient, patient, sample, startClient } from './support';

let client: GenericClient;
let documents = 0;
const newUri = () => `file:///work/edited${++documents}.ts`;

beforeAll(async () => {
  client = startClient();
  // What was shown before stays among the alternatives, which a fresh document does not have.
  const settings = { without: ['type-through'], maxTokens: 24 };
  const { slipstream } = patient.initializationOptions;
  await client.initialize({ initializationOptions: { slipstream: { ...slipstream, settings } } });
});
afterAll(() => client.stop());

/** Asked for, a block is not cut short by a busy machine. */
const complete = (uri: string, { line, character }: { line: number; character: number }) =>
  client.complete(uri, line, character, { triggerKind: 1 });

const start = `${sample}\n${sample.replace('Stack', 'Queue').replaceAll('items', 'entries')}`;
const edit = fc.record({
  at: fc.nat(start.length),
  length: fc.oneof(fc.constant(0), fc.nat(80)),
  text: fc.constantFrom('', 'x', 'this.', 'const value = 1;\n', '\n', '  peek(): T {\n    return '),
  /** Where the editor asks after it, mostly far from it. */
  asksAt: fc.option(fc.nat(start.length)),
});

it('any edits and requests, after a refresh, are completed like the same text in a fresh document', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 8 }), async (edits) => {
      const uri = newUri();
      client.open(uri, start);
      let document = TextDocument.create(uri, 'typescript', 1, start);
      let caret = { line: 0, character: 0 };
      for (const { at, length, text, asksAt } of edits) {
        const from = document.positionAt(at);
        const to = document.positionAt(at + length);
        client.change(uri, document.version + 1, [from.line, from.character], [to.line, to.character], text);
        document = TextDocument.update(
          document,
          [{ range: { start: from, end: to }, text }],
          document.version + 1,
        );
        caret = document.positionAt(asksAt ?? document.offsetAt(from) + text.length);
        if (asksAt !== null) await complete(uri, caret);
      }
      // The request makes the text known to the cache, and the refresh makes the cache right.
      await complete(uri, caret);
      const answer = await client.connection.sendRequest<RefreshAnswer>('slipstream/refresh', { uri });
      expect(answer).toEqual({ stale: 0 });
      const fresh = newUri();
      client.open(fresh, document.getText());
      const expected = await complete(fresh, caret);
      expect(await complete(uri, caret)).toEqual(expected);
      for (const opened of [uri, fresh]) {
        await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri: opened } });
      }
    }),
    { numRuns: 12 },
  );
});
