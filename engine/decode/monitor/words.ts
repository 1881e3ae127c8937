import type { LegalWords } from '../../monitor';
import { type Automaton, dead, free } from './vocabulary';

/** Bytes of the words that have been begun and may still come; undefined before the first. */
export interface WordsState {
  readonly node: WordNode;
  readonly isStart: boolean;
}

interface WordNode {
  readonly next: Map<number, WordNode>;
  isWord: boolean;
  isClosed: boolean;
}

/** ASCII that continues an identifier, and every byte of another character: nearly all letters are among those. */
const continuesWord = (byte: number): boolean => byte >= 0x80 || /[\w$#]/.test(String.fromCharCode(byte));

/** One of some words, and behind it nothing that would make another word of it. */
export function wordsAutomaton(legal: LegalWords): { automaton: Automaton<WordsState>; start: WordsState } {
  const root: WordNode = { next: new Map(), isWord: false, isClosed: false };
  for (const word of legal.words) {
    let node = root;
    for (const byte of Buffer.from(word)) {
      const next: WordNode = node.next.get(byte) ?? { next: new Map(), isWord: false, isClosed: false };
      node.next.set(byte, next);
      node = next;
    }
    node.isWord = true;
    node.isClosed = !continuesWord(Buffer.from(word).at(-1) ?? 0);
  }
  const automaton: Automaton<WordsState> = {
    advance({ node, isStart }, byte) {
      if (node.isWord && !continuesWord(byte)) return free;
      if (isStart && legal.orOther && !continuesWord(byte)) return free;
      const next = node.next.get(byte);
      if (next === undefined) return dead;
      return next.isClosed ? free : { node: next, isStart: false };
    },
    mayEnd: ({ node, isStart }) => node.isWord || (isStart && legal.orOther),
    key: ({ node }) => node,
  };
  return { automaton, start: { node: root, isStart: true } };
}
