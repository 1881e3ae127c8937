/** A place in an automaton's text: the longest suffix of what was followed that occurs there. */
export interface Match {
  readonly length: number;
  /** Where it ends for the first time: the index of the token behind it. */
  readonly end: number;
}

/** Follows a sequence through the text of an automaton. */
export interface Cursor {
  push(token: number): void;
  readonly match: Match;
  /** Where the last `length` tokens end for the first time; undefined where they do not occur. */
  endOf(length: number): number | undefined;
}

/**
 * An online suffix automaton over tokens (Blumer et al. 1985). It also follows the longest suffix of its own text which
 * occurred before, as SAM-Decoding does (arXiv 2411.10666). Both cost amortised O(1) per token.
 */
export interface SuffixAutomaton extends Cursor {
  readonly length: number;
  /** A cursor of another sequence, which must not outlive the next `push` of the automaton itself. */
  follow(): Cursor;
}

const root = 0;
const none = -1;

/** @param expected tokens that will be pushed, to make room for; more may come */
export function createSuffixAutomaton(expected = 256): SuffixAutomaton {
  const graph = createStates(Math.max(16, expected));
  const own = createCursor(graph);
  let last = root;
  let size = 0;

  function extend(token: number): void {
    size++;
    const current = graph.add(graph.length(last) + 1, size);
    let p = last;
    last = current;
    for (; p !== none && graph.next(p, token) === none; p = graph.link(p)) graph.connect(p, token, current);
    graph.setLink(current, p === none ? root : stateOf(p, token));
  }

  /** The state that `from` reaches by a token, without the longer strings that end elsewhere too. */
  function stateOf(from: number, token: number): number {
    const q = graph.next(from, token);
    if (graph.length(q) === graph.length(from) + 1) return q;
    const clone = graph.clone(q, graph.length(from) + 1);
    for (let p = from; p !== none && graph.next(p, token) === q; p = graph.link(p)) {
      graph.connect(p, token, clone);
    }
    graph.setLink(q, clone);
    return clone;
  }

  return {
    get length() {
      return size;
    },
    push(token) {
      own.push(token);
      extend(token);
      own.settle();
    },
    get match() {
      return own.match;
    },
    endOf: own.endOf,
    follow: () => createCursor(graph),
  };
}

function createCursor(graph: States) {
  let state = root;
  let matched = 0;
  return {
    push(token: number): void {
      while (state !== root && graph.next(state, token) === none) {
        state = graph.link(state);
        matched = graph.length(state);
      }
      const next = graph.next(state, token);
      if (next === none) return;
      state = next;
      matched++;
    },
    /** A clone may have taken over the shorter strings of the cursor's state. */
    settle(): void {
      while (state !== root && graph.length(graph.link(state)) >= matched) state = graph.link(state);
    },
    get match(): Match {
      return { length: matched, end: graph.firstEnd(state) };
    },
    endOf(length: number): number | undefined {
      if (length > matched) return undefined;
      let holder = state;
      while (holder !== root && graph.length(graph.link(holder)) >= length) holder = graph.link(holder);
      return graph.firstEnd(holder);
    },
  };
}

type States = ReturnType<typeof createStates>;

/**
 * States and their transitions in flat arrays: an automaton is built for every prompt, and thousands of maps would take
 * ten times as long. A text of n tokens has at most 2n states and 3n transitions.
 */
function createStates(expected: number) {
  let lengths = new Int32Array(2 * expected);
  let links = new Int32Array(2 * expected);
  let firstEnds = new Int32Array(2 * expected);
  /** A state's transitions are a list: the latest of each state, and of each transition the one before it. */
  let latest = new Int32Array(2 * expected).fill(none);
  let before = new Int32Array(3 * expected);
  let sources = new Int32Array(3 * expected);
  let tokens = new Int32Array(3 * expected);
  let targets = new Int32Array(3 * expected);
  /** Open addressing: transitions by (state, token). */
  let table = createTable(3 * expected);
  let states = 1;
  let transitions = 0;
  links[root] = none;

  const slotOf = (state: number, token: number): number => {
    const mask = table.length - 1;
    const mixed = Math.imul(Math.imul(state, 0x9e3779b1) ^ token, 0x85ebca6b);
    let slot = (mixed ^ (mixed >>> 15)) & mask;
    for (;;) {
      const found = table[slot] as number;
      if (found === none || (sources[found] === state && tokens[found] === token)) return slot;
      slot = (slot + 1) & mask;
    }
  };

  const add = (length: number, firstEnd: number): number => {
    if (states === lengths.length) {
      lengths = doubled(lengths);
      links = doubled(links);
      firstEnds = doubled(firstEnds);
      latest = doubled(latest, none);
    }
    lengths[states] = length;
    firstEnds[states] = firstEnd;
    return states++;
  };

  const connect = (state: number, token: number, target: number): void => {
    const known = table[slotOf(state, token)] as number;
    if (known !== none) {
      targets[known] = target;
      return;
    }
    if (transitions === sources.length) {
      before = doubled(before);
      sources = doubled(sources);
      tokens = doubled(tokens);
      targets = doubled(targets);
      table = createTable(sources.length);
      for (let i = 0; i < transitions; i++) table[slotOf(sources[i] as number, tokens[i] as number)] = i;
    }
    sources[transitions] = state;
    tokens[transitions] = token;
    targets[transitions] = target;
    before[transitions] = latest[state] as number;
    latest[state] = transitions;
    table[slotOf(state, token)] = transitions++;
  };

  return {
    add,
    connect,
    length: (state: number) => lengths[state] as number,
    link: (state: number) => links[state] as number,
    firstEnd: (state: number) => firstEnds[state] as number,
    setLink(state: number, link: number): void {
      links[state] = link;
    },
    next(state: number, token: number): number {
      const found = table[slotOf(state, token)] as number;
      return found === none ? none : (targets[found] as number);
    },
    /** A state for the shorter strings of another, with the same transitions. */
    clone(state: number, length: number): number {
      const clone = add(length, firstEnds[state] as number);
      links[clone] = links[state] as number;
      for (let i = latest[state] as number; i !== none; i = before[i] as number) {
        connect(clone, tokens[i] as number, targets[i] as number);
      }
      return clone;
    },
  };
}

function createTable(entries: number): Int32Array {
  return new Int32Array(2 ** Math.ceil(Math.log2(2 * entries))).fill(none);
}

function doubled(array: Int32Array, fill = 0): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length);
  if (fill !== 0) larger.fill(fill);
  larger.set(array);
  return larger;
}
