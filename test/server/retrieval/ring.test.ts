import { expect, it } from 'vitest';
import { type Chunk, chunkAround } from '../../../server/retrieval/chunks';
import { createRing } from '../../../server/retrieval/ring';

function chunk(uri: string, from: number, count: number, word = uri): Chunk {
  const lines = Array.from({ length: 200 }, (_, i) => `${word} ${i}`);
  const source = { uri, languageId: 'typescript', lines };
  const made = chunkAround(source, from + Math.floor(count / 2), { lines: count, characters: 10_000 });
  if (made === undefined) throw new Error('no chunk');
  return made;
}
const uris = (ring: ReturnType<typeof createRing>) =>
  ring.list().map(({ chunk: { uri, start } }) => `${uri}:${start}`);

it('keeps sixteen, and the oldest goes first', () => {
  const ring = createRing();
  for (let i = 0; i < 20; i++) ring.add(chunk(`f${i}`, 0, 10), 'viewed');
  expect(uris(ring)).toEqual(Array.from({ length: 16 }, (_, i) => `f${i + 4}:0`));
});

it('a chunk takes the place of those that it renews, and the others stay', () => {
  const ring = createRing();
  for (const [uri, from] of [
    ['a', 0],
    ['b', 0],
    ['a', 50],
    ['c', 0],
  ] as const)
    ring.add(chunk(uri, from, 10), 'viewed');
  ring.add(chunk('b', 5, 10), 'edited');
  expect(uris(ring)).toEqual(['a:0', 'b:5', 'a:50', 'c:0']);
  expect(ring.list()[1]?.occasion).toBe('edited');
  ring.add(chunk('a', 5, 50), 'saved');
  expect(uris(ring)).toEqual(['a:5', 'b:5', 'c:0']);
});

it('nothing is there twice, in whatever document', () => {
  const ring = createRing();
  ring.add(chunk('a', 0, 40, 'same'), 'viewed');
  ring.add(chunk('copy of a', 1, 40, 'same'), 'viewed');
  expect(uris(ring)).toEqual(['copy of a:1']);
  ring.drop((uri) => uri.startsWith('copy'));
  expect(ring.list()).toEqual([]);
});
