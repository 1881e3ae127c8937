import { expect, test } from 'vitest';
import { isOutdatedBy, isSuperseded, type Status, viewStatus } from '../../client/statusView';
import type { CompletionOutcome, EmptyReason, ServerState } from '../../server/protocol';

const server = (state: ServerState, reason = `because ${state}`): Status['server'] => ({ state, reason });
const off = { on: false, reason: 'Completions are off for markdown.' };
const outcome: CompletionOutcome = {
  uri: 'file:///a.ts',
  kind: 'shown',
  reason: '42 ms, 9 tokens',
  totalMs: 42,
};

test.each(['starting', 'ready', 'working', 'asleep', 'failed'] as const)(
  'the state %s is in the text and, with its reason, in the accessibility label',
  (state) => {
    const view = viewStatus({ server: server(state) });
    expect(view.text).toMatch(new RegExp(`^\\$\\([a-z~-]+\\) Slipstream: ${state}$`));
    expect(view.accessibilityLabel).toBe(`Slipstream, ${state}: because ${state}`);
  },
);

test('off in this document goes before ready and working, with the reason of the document', () => {
  const view = viewStatus({ server: server('ready'), document: off });
  expect(view.state).toBe('off here');
  expect(view.reason).toBe(off.reason);
});

test('a failure is told even where completions are off', () => {
  const view = viewStatus({ server: server('failed', 'no model'), document: off });
  expect(view.state).toBe('failed');
  expect(view.reason).toBe('no model');
});

test.each([
  ['starting', true],
  ['ready', true],
  ['working', true],
  ['asleep', true],
  ['failed', false],
] as const)('in the state %s what is asked for by hand is answered: %s', (state, answers) => {
  expect(viewStatus({ server: server(state) }).answersRequests).toBe(answers);
});

test('where a document is off nothing is answered by hand, unless it is off only while typing', () => {
  const view = (document: Status['document']) => viewStatus({ server: server('ready'), document });
  expect(view(off).answersRequests).toBe(false);
  expect(view({ ...off, onRequest: true }).answersRequests).toBe(true);
});

test('a request that went otherwise than the document is said to be makes that out of date', () => {
  const on = viewStatus({ server: server('ready'), document: { on: true, reason: 'on' } });
  const isOff = viewStatus({ server: server('ready'), document: off });
  const empty = (emptyReason: EmptyReason) => ({ ...outcome, kind: 'empty' as const, emptyReason });
  expect(isOutdatedBy(on, outcome)).toBe(false);
  expect(isOutdatedBy(on, empty('low-confidence'))).toBe(false);
  expect(isOutdatedBy(on, empty('on-battery'))).toBe(true);
  expect(isOutdatedBy(isOff, empty('language-off'))).toBe(false);
  expect(isOutdatedBy(isOff, empty('low-confidence'))).toBe(true);
  expect(isOutdatedBy(isOff, outcome)).toBe(true);
});

test('the last request is told, unless it failed for the reason that is shown anyway', () => {
  expect(viewStatus({ server: server('ready'), last: outcome }).last).toBe(outcome.reason);
  const same = { ...outcome, reason: 'no model' };
  expect(viewStatus({ server: server('failed', 'no model'), last: same }).last).toBeUndefined();
});

test('a request that gave way to a newer one is no news', () => {
  const empty = { ...outcome, kind: 'empty' as const };
  expect(isSuperseded({ ...empty, emptyReason: 'cancelled' })).toBe(true);
  expect(isSuperseded({ ...empty, emptyReason: 'document-changed' })).toBe(true);
  expect(isSuperseded({ ...empty, emptyReason: 'deadline' })).toBe(false);
  expect(isSuperseded(outcome)).toBe(false);
});
