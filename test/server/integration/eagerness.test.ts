import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { keystrokes } from '../../../engine/index';
import type { CompletionOutcome } from '../../../server/protocol';
import { type GenericClient, startReady } from './support';

const settings = { without: ['monitor', 'type-through'], debounce: 0 };
const slipstream = { notifications: true, settings, deadlineMs: 20_000 };
const uri = 'file:///eagerness.ts';
const source = readFileSync(join(import.meta.dirname, '../../../server/completion/caret.ts'), 'utf8');
/** Carets that are tried at most; of twenty about one is followed by a character that the model is sure of. */
const mostCarets = 400;

let client: GenericClient;
beforeAll(async () => {
  client = await startReady(slipstream);
});
afterAll(() => client.stop());

const lastOutcome = () =>
  client.notifications.findLast(({ method }) => method === 'slipstream/outcome')?.params as CompletionOutcome;

it('shows nothing unasked that is typed as fast as it is taken, says so, and shows it to somebody who asks', async () => {
  client.open(uri, source);
  const lines = source.split('\n');
  const carets = lines.flatMap((text, line) => [...text].map((_, column) => [line, column] as const));
  for (const [line, column] of carets.slice(200, 200 + mostCarets)) {
    const shown = await client.complete(uri, line, column, { triggerKind: 2 });
    for (const { insertText } of shown) expect(keystrokes(String(insertText))).toBeGreaterThan(1);
    const { emptyReason, reason } = lastOutcome();
    if (emptyReason !== 'saves-nothing') continue;
    const [, key = ''] = /^To take "(.+)" is a key, as to type it is\.$/.exec(reason) ?? [];
    expect(keystrokes(key)).toBe(1);
    const [asked] = await client.complete(uri, line, column, { triggerKind: 1 });
    expect(String(asked?.insertText).startsWith(key)).toBe(true);
    // Where the whole completion is no more than that, too.
    if (keystrokes(String(asked?.insertText)) === 1) return;
  }
  expect.unreachable(`no caret of ${mostCarets} was such a place`);
});
