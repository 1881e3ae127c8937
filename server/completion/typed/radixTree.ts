/** Values by text, of which those can be found whose text begins another one. */
export interface RadixTree<T> {
  get(key: string): T | undefined;
  /** @returns what removes this value, wherever it is by then; nothing once it is replaced */
  set(key: string, value: T): Removal;
  /** The values of all keys that `text` begins with, the longest first. */
  along(text: string): { readonly length: number; readonly value: T }[];
}

export type Removal = () => void;

interface Node<T> {
  /** The text from the node above to this one; only that of the root is empty. */
  edge: string;
  value: T | undefined;
  above: Node<T> | undefined;
  /** By the first UTF-16 unit of their edge. */
  readonly below: Map<number, Node<T>>;
}

/**
 * A radix tree: texts with a common beginning share it, so that the many versions of a document that its
 * completions belong to take little more memory than one.
 */
export function createRadixTree<T extends NonNullable<unknown>>(): RadixTree<T> {
  const root: Node<T> = { edge: '', value: undefined, above: undefined, below: new Map() };

  /** The nodes on the way to `text`, root first, as far as there is one. */
  function path(text: string): Node<T>[] {
    const nodes = [root];
    let at = 0;
    for (let node = root; at < text.length; ) {
      const next = node.below.get(text.charCodeAt(at));
      if (next === undefined || !text.startsWith(next.edge, at)) break;
      at += next.edge.length;
      nodes.push(next);
      node = next;
    }
    return nodes;
  }

  const lengthOf = (nodes: readonly Node<T>[]) => nodes.reduce((sum, { edge }) => sum + edge.length, 0);

  function find(key: string): Node<T> | undefined {
    const nodes = path(key);
    return lengthOf(nodes) === key.length ? nodes.at(-1) : undefined;
  }

  /** A node may go that has no value, and at most one below it to take over its edge. */
  function prune(node: Node<T>): void {
    const { above, below, edge, value } = node;
    if (above === undefined || value !== undefined || below.size > 1) return;
    const [only] = below.values();
    if (only === undefined) {
      above.below.delete(edge.charCodeAt(0));
      prune(above);
      return;
    }
    only.edge = edge + only.edge;
    hang(only, above);
  }

  function hang(node: Node<T>, above: Node<T>): void {
    node.above = above;
    above.below.set(node.edge.charCodeAt(0), node);
  }

  const newNode = (edge: string): Node<T> => ({ edge, value: undefined, above: undefined, below: new Map() });

  /** The node of a key, new where there is none. */
  function nodeOf(key: string): Node<T> {
    const nodes = path(key);
    const node = nodes.at(-1) as Node<T>;
    const rest = key.slice(lengthOf(nodes));
    if (rest === '') return node;
    const beside = node.below.get(rest.charCodeAt(0));
    const common = beside === undefined ? 0 : commonLength(rest, beside.edge);
    const fork = beside === undefined ? node : newNode(beside.edge.slice(0, common));
    if (beside !== undefined) {
      hang(fork, node);
      beside.edge = beside.edge.slice(common);
      hang(beside, fork);
    }
    if (common === rest.length) return fork;
    const leaf = newNode(owned(rest.slice(common)));
    hang(leaf, fork);
    return leaf;
  }

  return {
    get: (key) => find(key)?.value,

    set(key, value) {
      const node = nodeOf(key);
      node.value = value;
      return () => {
        if (node.value !== value) return;
        node.value = undefined;
        prune(node);
      };
    },

    along(text) {
      const found: { readonly length: number; readonly value: T }[] = [];
      let length = 0;
      for (const { edge, value } of path(text)) {
        length += edge.length;
        if (value !== undefined) found.push({ length, value });
      }
      return found.reverse();
    },
  };
}

function commonLength(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one.charCodeAt(length) === other.charCodeAt(length)) length++;
  return length;
}

/** A copy: the part of a string that V8 gives would keep the whole document alive that it is from. */
const owned = (text: string) => Buffer.from(text, 'utf16le').toString('utf16le');
