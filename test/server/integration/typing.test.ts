import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { InlineCompletionItem } from 'vscode-languageserver-protocol/node';
import type { CompletionOutcome } from '../../../server/protocol';
import { type GenericClient, sample, sampleCaret, startReady } from './support';

// What the default model is sure of does not matter here.
const settings = { eagerness: 'eager', without: ['monitor'], debounce: 0 };
const slipstream = { notifications: true, settings };
const [line, column] = sampleCaret;
/** What is known takes a millisecond; the rest is for a machine that has other things to do as well. */
const atOnceMs = 100;

let client: GenericClient;
let uri: string;
let documents = 0;
let version = 1;

beforeAll(async () => {
  client = await startReady(slipstream);
});
afterAll(() => client.stop());
afterEach(() => {
  void client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
});

function open(text = sample) {
  uri = `file:///typing/${++documents}.ts`;
  version = 1;
  client.open(uri, text);
}

const outcomes = () =>
  client.notifications
    .filter(
      ({ method, params }) => method === 'slipstream/outcome' && (params as CompletionOutcome).uri === uri,
    )
    .map(({ params }) => params as CompletionOutcome);
const insert = (at: number, text: string) => client.change(uri, ++version, [line, at], [line, at], text);
const ask = (at: number, triggerKind: 1 | 2 = 2) => client.complete(uri, line, at, { triggerKind });
const textOf = (items: readonly InlineCompletionItem[]) => items.map(({ insertText }) => String(insertText));

describe('a completion', () => {
  it('goes on while it is typed, deleted and accepted in part, without the engine', async () => {
    open();
    const [whole = ''] = textOf(await ask(column));
    expect(whole.length).toBeGreaterThan(4);
    for (const [from, to] of [
      [0, 1],
      [1, 2],
    ] as const) {
      insert(column + from, whole.slice(from, to));
      expect(textOf(await ask(column + to))[0]).toBe(whole.slice(to));
    }
    // Backspace, then a part of it at once, as VS Code's own commands insert it.
    client.change(uri, ++version, [line, column + 1], [line, column + 2], '');
    expect(textOf(await ask(column + 1))[0]).toBe(whole.slice(1));
    insert(column + 1, whole.slice(1, 4));
    expect(textOf(await ask(column + 4))[0]).toBe(whole.slice(4));
    expect(outcomes().map(({ source }) => source)).toEqual(['fresh', 'cache', 'cache', 'cache', 'cache']);
    for (const { totalMs } of outcomes().slice(1)) expect(totalMs).toBeLessThan(atOnceMs);
  });

  it('is followed by the next one as soon as it is accepted, which was computed meanwhile', async () => {
    // So that there is something to say behind the first line.
    open(sample.replace('    this.\n', '    const first = \n'));
    const at = '    const first = '.length;
    const [whole = ''] = textOf(await ask(at));
    await new Promise((resolve) => setTimeout(resolve, 3000));
    insert(at, whole);
    await ask(at + whole.length);
    const last = outcomes().at(-1);
    // Nothing more to say is known as well.
    expect(last?.source ?? last?.emptyReason).toMatch(/^(cache|nothing|low)/);
    expect(last?.totalMs).toBeLessThan(atOnceMs);
  });

  it('is generated anew when somebody asks, with alternatives, each once', async () => {
    let texts: string[] = [];
    // There are alternatives where the model is torn, and models differ in that.
    for (const begun of ['this.', 'const ', 'return ', 'if (', 'this.items.', 'for (const ']) {
      open(sample.replace('    this.\n', `    ${begun}\n`));
      const at = 4 + begun.length;
      await ask(at);
      texts = textOf(await ask(at, 1));
      expect(new Set(texts).size).toBe(texts.length);
      expect(outcomes().map(({ source }) => source)).toEqual(['fresh', 'fresh']);
      if (texts.length > 1) return;
    }
    expect.unreachable(`nowhere alternatives, only ${texts}`);
  });

  it('continues the suggestion that is selected, also while its name is typed', async () => {
    open();
    const selected = (to: number) => ({
      triggerKind: 2 as const,
      selectedCompletionInfo: {
        text: 'items',
        range: { start: { line, character: column }, end: { line, character: to } },
      },
    });
    const [first = ''] = textOf(await client.complete(uri, line, column, selected(column)));
    expect(first).toMatch(/^items./);
    insert(column, 'it');
    const [item] = await client.complete(uri, line, column + 2, selected(column + 2));
    expect(item?.insertText).toBe(first);
    expect(item?.filterText).toBe(`it${first.slice('items'.length)}`);
    expect(outcomes().at(-1)?.source).toBe('cache');
  });

  it('is not shown for a while on a line where three were typed over, unless somebody asks', async () => {
    open();
    for (let i = 0; i < 3; i++) {
      expect(await ask(column)).not.toEqual([]);
      await new Promise((resolve) => setTimeout(resolve, 300));
      insert(column, '§');
      client.change(uri, ++version, [line, column], [line, column + 1], '');
    }
    expect(await ask(column)).toEqual([]);
    expect(outcomes().at(-1)).toMatchObject({ kind: 'empty', emptyReason: 'quiet' });
    expect(await ask(column, 1)).not.toEqual([]);
  });
});

it('is answered within the time of an editor while others keep the engine busy', async () => {
  open(sample.repeat(20));
  const others = [0, 1, 2].map((i) => `file:///busy/${i}.ts`);
  const text = `${sample.repeat(10)}export function f() {\n  `;
  for (const other of others) client.open(other, text);
  for (let i = 0; i < 8; i++) {
    for (const other of others)
      void client.complete(other, 15 * 10 + 1, 2, { triggerKind: 1 }).catch(() => {});
    await client.complete(uri, line + 15 * i, column);
  }
  // As the server tells it: this process may have to wait as well.
  for (const { totalMs } of outcomes()) expect(totalMs).toBeLessThan(750);
});
