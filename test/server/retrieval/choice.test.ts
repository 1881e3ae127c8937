import { describe, expect, it } from 'vitest';
import { type Candidate, type Chosen, choose } from '../../../server/retrieval/choice';

const names = ['alpha', 'bravo', 'charlie', 'delta', 'echo', 'foxtrot', 'golf', 'hotel', 'india', 'juliett'];
const around = { languageId: 'typescript', near: names.join(' ') };
const room = 1000;

/** Has so many tenths of the names around the caret. */
const candidate = (uri: string, tenths: number, languageId = 'typescript'): Candidate => ({
  occasion: 'viewed',
  chunk: {
    uri,
    languageId,
    start: 0,
    end: 4,
    text: `${uri}\n`.repeat(60).slice(0, 100),
    identifiers: new Set(names.slice(0, tenths)),
  },
});
const uris = (chosen: readonly Chosen[]) => chosen.map(({ chunk }) => chunk.uri);
const choices = (candidates: readonly Candidate[], before: readonly Chosen[], within = room) =>
  choose(candidates, around, within, before);

describe('what is chosen', () => {
  it('is the most like the text around the caret, as far as there is room', () => {
    const all = [candidate('c', 3), candidate('a', 5), candidate('b', 4)];
    expect(uris(choices(all, []))).toEqual(['a', 'b', 'c']);
    expect(uris(choices(all, [], 250))).toEqual(['a', 'b']);
    expect(choices(all, [])[0]?.similarity).toBe(0.5);
    expect(choices([candidate('nothing', 0)], [])).toEqual([]);
  });

  it('counts for half in another language', () => {
    expect(uris(choices([candidate('a', 5, 'python'), candidate('b', 3)], []))).toEqual(['b', 'a']);
  });

  it('keeps its place, whatever comes', () => {
    const before = choices([candidate('a', 3)], []);
    const both = choices([candidate('a', 3), candidate('b', 9)], before);
    expect(uris(both)).toEqual(['a', 'b']);
    expect(uris(choices([candidate('b', 4), candidate('a', 9), candidate('c', 10)], both))).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('gives way only to what is much more like the text', () => {
    const before = choices([candidate('a', 4)], []);
    expect(uris(choices([candidate('a', 4), candidate('b', 5)], before, 150))).toEqual(['a']);
    expect(uris(choices([candidate('a', 4), candidate('b', 7)], before, 150))).toEqual(['b']);
  });

  it('is not in the text already', () => {
    const there = candidate('a', 5);
    const near = `${around.near}\n${there.chunk.text}`;
    expect(choose([there], { ...around, near }, room, [])).toEqual([]);
  });
});
