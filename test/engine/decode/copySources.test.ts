import { expect, test } from 'vitest';
import { createCopySources } from '../../../engine/decode/copySources';

const encode = (text: string) => [...text].map((character) => character.charCodeAt(0));
const never = () => false;
const source = (id: string, version = 1, text = `${id} text`) => ({ id, version, text });
const texts = (sources: ReturnType<typeof createCopySources>) =>
  sources.ready().map(({ tokens }) => String.fromCharCode(...tokens));

test('a text can be copied from once it has been indexed, in the order of the offer', async () => {
  const sources = createCopySources(encode);
  sources.offer([source('b'), source('a')]);
  expect(sources.ready()).toEqual([]);
  await sources.index(never);
  expect(texts(sources)).toEqual(['b text', 'a text']);
  expect(sources.ready()[0]?.index.length).toBe(6);
});

test('what is known is not indexed again, what changed is', async () => {
  let encoded = 0;
  const sources = createCopySources((text) => {
    encoded++;
    return encode(text);
  });
  sources.offer([source('a'), source('b')]);
  await sources.index(never);
  sources.offer([source('b'), source('a', 2, 'changed')]);
  expect(texts(sources)).toEqual(['b text']);
  await sources.index(never);
  expect(texts(sources)).toEqual(['b text', 'changed']);
  expect(encoded).toBe(3);
});

test('indexing stops where it is interrupted, and goes on later', async () => {
  const sources = createCopySources(encode);
  sources.offer([source('a'), source('b'), source('c')]);
  let asked = 0;
  await sources.index(() => ++asked > 2);
  expect(texts(sources)).toEqual(['a text', 'b text']);
  await sources.index(never);
  expect(texts(sources)).toEqual(['a text', 'b text', 'c text']);
});

test('only what was offered last is copied from, and only so much is remembered', async () => {
  const sources = createCopySources(encode);
  for (let i = 0; i < 40; i++) {
    sources.offer([source(`file${i}`)]);
    await sources.index(never);
  }
  expect(texts(sources)).toEqual(['file39 text']);
  sources.offer([source('file30'), source('file0')]);
  expect(texts(sources)).toEqual(['file30 text']);
});

test('of a long text the start is copied from', async () => {
  const sources = createCopySources(encode);
  sources.offer([source('long', 1, 'x'.repeat(1_000_000))]);
  await sources.index(never);
  expect(sources.ready()[0]?.tokens).toHaveLength(32 * 1024);
});
