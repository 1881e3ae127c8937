import { describe, expect, test } from 'vitest';
import { createHostStorage } from '../../../engine/cache/hostStorage';
import { KvCache } from '../../../engine/cache/kvCache';
import { createSessions } from '../../../engine/cache/sessions';

const create = () => ({ cache: new KvCache(createHostStorage({ layers: 1, kvHeads: 1, headDim: 8 })) });
const { byteLength } = create().cache;

describe('sessions', () => {
  test('keep a document its own cache until it is closed', () => {
    const sessions = createSessions(10 * byteLength, create);
    const first = sessions.open('a');
    expect(sessions.open('a')).toBe(first);
    expect(sessions.open('b')).not.toBe(first);
    sessions.close('a');
    expect(sessions.open('a')).not.toBe(first);
  });

  test('give back what a cache occupies as soon as its document is closed, or there is no room for it', () => {
    const sessions = createSessions(byteLength, create);
    const [a, b] = [sessions.open('a'), sessions.open('b')];
    const read = ({ cache }: typeof a) => cache.storage.view('key', 0, 0, 0, 1).length;
    sessions.trim();
    expect(() => read(a)).toThrow(RangeError);
    expect(read(b)).toBe(8);
    sessions.close('b');
    expect(() => read(b)).toThrow(RangeError);
  });

  test('drop the least recently used beyond the budget', () => {
    const sessions = createSessions(2 * byteLength, create);
    const [a, b] = [sessions.open('a'), sessions.open('b')];
    sessions.open('a');
    sessions.open('c');
    sessions.trim();
    expect(sessions.open('a')).toBe(a);
    expect(sessions.open('b')).not.toBe(b);
  });

  test('keep nothing of a document that alone exceeds the budget', () => {
    const sessions = createSessions(1, create);
    sessions.open('a');
    sessions.trim();
    expect(sessions.has('a')).toBe(false);
  });
});
