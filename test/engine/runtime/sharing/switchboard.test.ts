import { expect, test } from 'vitest';
import type { CompletionRequest } from '../../../../engine';
import type { Channel } from '../../../../engine/runtime/channel';
import type { FromWorker, ToWorker } from '../../../../engine/runtime/messages';
import { createSwitchboard } from '../../../../engine/runtime/sharing/switchboard';
import { lineRequest } from '../../../support/requests';

/** An engine that does nothing but hear, so that what it is told can be looked at. */
function silentEngine() {
  const heard: (ToWorker | number)[] = [];
  let say = (_message: FromWorker): void => {};
  const channel: Channel = {
    post: (message) => void heard.push(message),
    cancel: (id) => void heard.push(id),
    listen: (listener) => {
      say = listener;
    },
    end: () => {},
    terminate: async () => {},
    died: new Promise(() => {}),
  };
  return { channel, heard, say: (message: FromWorker) => say(message) };
}

const completing = (id: number, request: CompletionRequest = lineRequest): ToWorker => ({
  type: 'complete',
  id,
  request,
  isWatched: true,
  isFollowed: false,
  sentAt: 0,
});

test('what a window leaves behind is ended and freed, and what the others have stays', () => {
  const { channel, heard, say } = silentEngine();
  const board = createSwitchboard(channel);
  const told: FromWorker[] = [];
  const [leaving, staying] = [board.open(() => {}), board.open((message) => told.push(message))];
  leaving.post(completing(1));
  staying.post(completing(1));
  const [left, kept] = heard.map((message) => message as Extract<ToWorker, { type: 'complete' }>);
  say({ type: 'asked', id: left?.id ?? 0, question: 7, about: { kinds: [], back: 0, text: '' } });
  heard.length = 0;

  leaving.hangUp();
  const answer = { reason: expect.any(String) };
  expect(heard).toEqual([
    left?.id,
    { type: 'told', question: 7, answer },
    { type: 'forget', session: left?.request.session },
  ]);
  heard.length = 0;
  say({ type: 'asked', id: left?.id ?? 0, question: 8, about: { kinds: [], back: 0, text: '' } });
  expect(heard).toEqual([{ type: 'told', question: 8, answer: { reason: expect.any(String) } }]);
  // Answers to questions that are none of its own are not passed on.
  staying.post({ type: 'told', question: 7, answer: { legal: [] } });
  expect(heard).toHaveLength(1);
  say({ type: 'written', id: kept?.id ?? 0, text: 'so far' });
  expect(told).toEqual([{ type: 'written', id: 1, text: 'so far' }]);
});

test('documents and texts to copy from have names of their own in each window', () => {
  const { channel, heard } = silentEngine();
  const board = createSwitchboard(channel);
  const copySources = [{ id: 'file:///b.ts', version: 1, text: '' }];
  for (const line of [board.open(() => {}), board.open(() => {})])
    line.post(completing(1, { ...lineRequest, copySources }));
  const requests = heard.map((message) => (message as Extract<ToWorker, { type: 'complete' }>).request);
  expect(new Set(requests.map(({ session }) => session)).size).toBe(2);
  expect(new Set(requests.map((request) => request.copySources?.[0]?.id)).size).toBe(2);
});
