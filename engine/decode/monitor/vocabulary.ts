import type { Tokenizer } from '../../model/tokenizer';
import type { TokenMask } from '../distribution';

/** A node of the trie of the vocabulary: all tokens that begin with the same `depth` bytes, `from` to `to` in the order of their bytes. */
interface TrieNode {
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

/** What may be written, byte by byte. States are plain values that are never changed. */
export interface Automaton<State> {
  /** What is restricted behind this byte: `free` where nothing is any more, `dead` where the byte must not come. */
  advance(state: State, byte: number): State | typeof free | typeof dead;
  /** Whether the text may end here. */
  mayEnd(state: State): boolean;
}
export const free = 'free';
export const dead = 'dead';

/** A vocabulary in which the tokens can be walked together with an automaton. */
export interface Vocabulary {
  /**
   * The tokens whose bytes an automaton takes, exactly.
   * @param ahead bytes that come before the state holds: tokens that do not begin like this, or end before, are allowed
   */
  mask<State>(automaton: Automaton<State>, state: State, ahead: Uint8Array): TokenMask;
}

/** @param endTokens those without text that end a completion */
export function createVocabulary(tokenizer: Tokenizer, endTokens: ReadonlySet<number>): Vocabulary {
  const { vocabSize, special, tokenBytes } = tokenizer;
  const texts = Array.from({ length: vocabSize }, (_, token) => Buffer.from(tokenBytes(token)));
  const order = texts.flatMap((text, token) => (text.length > 0 && !special.has(token) ? [token] : []));
  order.sort((a, b) => Buffer.compare(texts[a] as Buffer, texts[b] as Buffer));
  const byteAt = (i: number, depth: number) => (texts[order[i] as number] as Buffer)[depth];
  const root: TrieNode = { from: 0, to: order.length, depth: 0 };

  /** Where the range of the child that begins at `from` ends. */
  const endOfChild = ({ to, depth }: TrieNode, from: number): number => {
    const byte = byteAt(from, depth);
    let low = from;
    let high = to;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (byteAt(middle, depth) === byte) low = middle;
      else high = middle;
    }
    return high;
  };
  /** Tokens that end at the node come first in its range. */
  const firstChild = ({ from, to, depth }: TrieNode): number => {
    let i = from;
    while (i < to && byteAt(i, depth) === undefined) i++;
    return i;
  };
  const child = (node: TrieNode, byte: number): TrieNode | undefined => {
    for (let i = firstChild(node); i < node.to; ) {
      const to = endOfChild(node, i);
      if (byteAt(i, node.depth) === byte) return { from: i, to, depth: node.depth + 1 };
      i = to;
    }
    return undefined;
  };
  const fill = (mask: TokenMask, from: number, to: number, value: 0 | 1) => {
    for (let i = from; i < to; i++) mask[order[i] as number] = value;
  };

  const walk = <State>(mask: TokenMask, automaton: Automaton<State>, node: TrieNode, state: State): void => {
    const first = firstChild(node);
    if (node.depth > 0) fill(mask, node.from, first, 1);
    for (let i = first; i < node.to; ) {
      const to = endOfChild(node, i);
      const next = automaton.advance(state, byteAt(i, node.depth) as number);
      if (next === free) fill(mask, i, to, 1);
      else if (next !== dead) walk(mask, automaton, { from: i, to, depth: node.depth + 1 }, next);
      i = to;
    }
  };

  return {
    mask(automaton, state, ahead) {
      const isHere = ahead.length === 0;
      const mask = new Uint8Array(vocabSize).fill(isHere ? 0 : 1);
      let node: TrieNode | undefined = root;
      for (const byte of ahead) node = node && child(node, byte);
      if (node !== undefined) {
        fill(mask, isHere ? node.from : firstChild(node), node.to, 0);
        walk(mask, automaton, node, state);
      }
      if (isHere && automaton.mayEnd(state)) for (const token of endTokens) mask[token] = 1;
      return mask;
    },
  };
}
