import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CompletionOutcome } from '../../../server/protocol';
import { type GenericClient, sample, sampleCaret, startReady } from './support';

const settings = { eagerness: 'eager', without: ['monitor'], debounce: 0 };
const slipstream = { notifications: true, settings, deadlineMs: 20_000 };
const uri = 'file:///undone.ts';
const [line, column] = sampleCaret;

let client: GenericClient;
beforeAll(async () => {
  client = await startReady(slipstream);
});
afterAll(() => client.stop());

const ask = async (triggerKind: 1 | 2) =>
  (await client.complete(uri, line, column, { triggerKind })).map(({ insertText }) => String(insertText));

it('does not write again what was just deleted, unless somebody asks for it', async () => {
  client.open(uri, sample);
  const [text = ''] = await ask(2);
  expect(text.length).toBeGreaterThan(3);
  client.change(uri, 2, [line, column], [line, column], text);
  client.change(uri, 3, [line, column], [line, column + text.length], '');
  const again = await ask(2);
  expect(again.some((other) => other.startsWith(text) || text.startsWith(other))).toBe(false);
  if (again.length === 0) {
    const reason = ({ emptyReason, reason }: CompletionOutcome) =>
      emptyReason === 'nothing-after-filters' && reason.includes('just deleted');
    await client.notified<CompletionOutcome>('slipstream/outcome', reason);
  }
  expect(await ask(1)).toContain(text);
});
