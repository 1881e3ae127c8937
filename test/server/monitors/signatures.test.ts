import { expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { ContextSnippet } from '../../../engine/index';
import { createSignatures, signatureTokens } from '../../../server/monitors/signatures';
import { defaultSettings, type Settings } from '../../../server/protocol';

const uri = 'file:///a.ts';
const open = (text: string) => TextDocument.create(uri, 'typescript', 1, text);
const document = open('one\r\ntwo.\r\n');
const place = { line: 1, character: 4 };

/** Says what it is told to, and remembers what it was asked. */
function scripted(answers: readonly (readonly ContextSnippet[])[]) {
  const asked: unknown[] = [];
  let next = 0;
  return {
    asked,
    triggers: () => [],
    ask: async () => ({ reason: 'never asked' }),
    signatures: async (...question: unknown[]) => {
      asked.push(question);
      return answers[next++] ?? [];
    },
    dispose: async () => {},
  };
}

const book = { path: 'book.ts', text: 'interface Book {\n  title: string;\n}' };
const shelf = { path: 'shelf.ts', text: 'class Shelf {\n}' };

test('what begins the prompt stays as long as it says all that is needed', async () => {
  const analyst = scripted([
    [shelf, book],
    [book],
    [],
    [{ ...book, text: 'interface Book {\n  pages: number;\n}' }],
  ]);
  const signatures = createSignatures(analyst);
  expect(signatures.of(uri)).toEqual([]);
  for (const [i, kept] of [true, true, true, false].entries()) {
    await signatures.look(i === 0 ? document : open(`one\ntwo.${i}+\n`), { line: 1, character: 6 }, 10);
    expect(signatures.of(uri).includes(shelf)).toBe(kept);
  }
  expect(analyst.asked[0]).toMatchObject([{ before: 'one\ntwo.', after: '\n' }, 35]);
});

test('a word that is typed on is not looked up anew', async () => {
  const analyst = scripted([]);
  const signatures = createSignatures(analyst);
  for (const [i, line] of ['two.', 'two.s', 'two.si', 'two.si('].entries()) {
    await signatures.look(open(`one\n${line}\n`), { line: 1, character: line.length }, 10);
    expect(analyst.asked).toHaveLength(i < 3 ? 1 : 2);
  }
});

test('a long word above costs no time', async () => {
  const analyst = scripted([]);
  const signatures = createSignatures(analyst);
  const long = open(`const code = '${'0123456789abcdef'.repeat(8192)}';\ntwo.`);
  const started = performance.now();
  await signatures.look(long, { line: 1, character: 4 }, 10);
  expect(performance.now() - started).toBeLessThan(500);
  expect(analyst.asked).toMatchObject([[{ before: expect.stringMatching(/';\ntwo\.$/) }, 35]]);
});

test('another place of the same text is looked up', async () => {
  const analyst = scripted([]);
  const signatures = createSignatures(analyst);
  for (const line of [0, 1, 1]) await signatures.look(open('one.\ntwo.\n'), { line, character: 4 }, 10);
  expect(analyst.asked).toMatchObject([
    [{ before: 'one.' }, 35],
    [{ before: 'one.\ntwo.' }, 35],
  ]);
});

test('a closed document is forgotten, also while it is looked at', async () => {
  const signatures = createSignatures(scripted([[book], [book]]));
  const looking = signatures.look(document, place, 10);
  signatures.forget(uri);
  await looking;
  expect(signatures.of(uri)).toEqual([]);
  await signatures.look(document, place, 10);
  expect(signatures.of(uri)).toEqual([book]);
});

test('a small model has no tokens for them, unless somebody says so', () => {
  const set = (settings: Partial<Settings>) => ({ ...defaultSettings, ...settings });
  expect(signatureTokens(set({}), 512)).toBe(0);
  expect(signatureTokens(set({}), 2048)).toBe(256);
  expect(signatureTokens(set({ signatureTokens: 96 }), 512)).toBe(96);
  expect(signatureTokens(set({ signatureTokens: 0 }), 2048)).toBe(0);
  expect(signatureTokens(set({ without: ['monitor'] }), 2048)).toBe(0);
});

test('what may not be shown is left out', async () => {
  const listed = { ...book, uri: 'file:///book.ts' };
  const ignored = { ...shelf, uri: 'file:///out/shelf.ts' };
  const signatures = createSignatures(scripted([[ignored, listed]]), (from) => !from.includes('/out/'));
  await signatures.look(document, place, 10);
  expect(signatures.of(uri)).toEqual([listed]);
});

test('what may not be shown any more is left out, as long as that is so', async () => {
  let isAllowed = true;
  const listed = { ...book, uri: 'file:///book.ts' };
  const signatures = createSignatures(scripted([[listed, shelf]]), () => isAllowed);
  await signatures.look(document, place, 10);
  expect(signatures.of(uri)).toEqual([listed, shelf]);
  isAllowed = false;
  expect(signatures.of(uri)).toEqual([shelf]);
});
