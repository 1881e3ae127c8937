import type { Tokenizer } from '../../model/tokenizer';
import type { TokenMask } from '../distribution';

/** What may be written, byte by byte. States are plain values that are never changed. */
export interface Automaton<State> {
  /** What is restricted behind this byte: `free` where nothing is any more, `dead` where the byte must not come. */
  advance(state: State, byte: number): State | typeof free | typeof dead;
  /** Whether the text may end here. */
  mayEnd(state: State): boolean;
  /** The same for states that take the same texts. */
  key(state: State): unknown;
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
  const trie = trieOf(order.map((token) => texts[token] as Buffer));

  const fill = (mask: TokenMask, from: number, to: number, value: 0 | 1) => {
    for (let i = from; i < to; i++) mask[order[i] as number] = value;
  };
  /** All below a node, in the order of the bytes, without what an automaton does not reach. */
  const walk = <State>(mask: TokenMask, automaton: Automaton<State>, root: number, state: State): void => {
    const { byte, depth, from, ownEnd, to, next } = trie;
    const states = [state];
    const top = depth[root] as number;
    const end = next[root] as number;
    for (let node = root + 1; node < end; ) {
      const level = (depth[node] as number) - top;
      const reached = automaton.advance(states[level - 1] as State, byte[node] as number);
      if (reached === free) fill(mask, from[node] as number, to[node] as number, 1);
      if (reached === free || reached === dead) {
        node = next[node] as number;
        continue;
      }
      states[level] = reached;
      fill(mask, from[node] as number, ownEnd[node] as number, 1);
      node++;
    }
  };
  const below = (ahead: Uint8Array): number | undefined => {
    let node = 0;
    for (const byte of ahead) {
      const end = trie.next[node] as number;
      let child = node + 1;
      while (child < end && trie.byte[child] !== byte) child = trie.next[child] as number;
      if (child >= end) return undefined;
      node = child;
    }
    return node;
  };

  return {
    mask(automaton, state, ahead) {
      const isHere = ahead.length === 0;
      const mask = new Uint8Array(vocabSize).fill(isHere ? 0 : 1);
      const node = below(ahead);
      if (node !== undefined) {
        fill(mask, trie.ownEnd[node] as number, trie.to[node] as number, 0);
        walk(mask, automaton, node, state);
      }
      if (isHere && automaton.mayEnd(state)) for (const token of endTokens) mask[token] = 1;
      return mask;
    },
  };
}

/** The trie of some texts. Its nodes are in preorder, so that walking it is walking arrays; the first is the root. */
interface Trie {
  /** The last byte of a node's prefix, and how many there are. */
  readonly byte: Uint8Array;
  readonly depth: Uint16Array;
  /** The texts with its prefix are from `from` to `to`; up to `ownEnd` are those that have no more than it. */
  readonly from: Int32Array;
  readonly ownEnd: Int32Array;
  readonly to: Int32Array;
  /** The first node that is not below it. */
  readonly next: Int32Array;
}

/** @param texts in the order of their bytes */
function trieOf(texts: readonly Uint8Array[]): Trie {
  const shared = texts.map((text, i) => (i === 0 ? 0 : sharedStart(texts[i - 1] as Uint8Array, text)));
  const size = 1 + texts.reduce((sum, text, i) => sum + text.length - (shared[i] as number), 0);
  const trie: Trie = {
    byte: new Uint8Array(size),
    depth: new Uint16Array(size),
    from: new Int32Array(size),
    ownEnd: new Int32Array(size),
    to: new Int32Array(size),
    next: new Int32Array(size),
  };
  const open = [0];
  let nodes = 1;
  const close = (depth: number, at: number) => {
    for (const node of open.splice(depth)) {
      trie.to[node] = at;
      trie.next[node] = nodes;
    }
  };
  for (const [i, text] of texts.entries()) {
    close((shared[i] as number) + 1, i);
    for (let depth = open.length; depth <= text.length; depth++) {
      trie.byte[nodes] = text[depth - 1] as number;
      trie.depth[nodes] = depth;
      trie.from[nodes] = i;
      trie.ownEnd[nodes] = i;
      open.push(nodes++);
    }
    trie.ownEnd[open.at(-1) as number] = i + 1;
  }
  close(0, texts.length);
  return trie;
}

function sharedStart(a: Uint8Array, b: Uint8Array): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}
