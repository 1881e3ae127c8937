/**
 * An online suffix automaton over tokens (Blumer et al. 1985) that also follows the longest suffix of its own text
 * which occurred before, as SAM-Decoding does (arXiv 2411.10666). Both cost amortised O(1) per token.
 */
export interface SuffixAutomaton {
  readonly length: number;
  push(token: number): void;
  /** The longest suffix of the text that also ends earlier in it. */
  readonly match: { readonly length: number; readonly end: number };
}

interface State {
  /** Length of the longest string of the state. */
  length: number;
  /** The state of its longest suffix that is in another state; -1 for the root. */
  link: number;
  /** Where its strings end for the first time: the index behind their last token. */
  readonly firstEnd: number;
  readonly next: Map<number, number>;
}

export function createSuffixAutomaton(): SuffixAutomaton {
  const states: State[] = [{ length: 0, link: -1, firstEnd: 0, next: new Map() }];
  const at = (index: number) => states[index] as State;
  let last = 0;
  let size = 0;
  /** State and length of the longest suffix that occurred before. */
  let cursor = 0;
  let matched = 0;

  function follow(token: number): void {
    while (cursor !== 0 && !at(cursor).next.has(token)) {
      cursor = at(cursor).link;
      matched = at(cursor).length;
    }
    const next = at(cursor).next.get(token);
    if (next === undefined) return;
    cursor = next;
    matched++;
  }

  function extend(token: number): void {
    size++;
    const current =
      states.push({ length: at(last).length + 1, link: 0, firstEnd: size, next: new Map() }) - 1;
    let p = last;
    last = current;
    for (; p !== -1 && !at(p).next.has(token); p = at(p).link) at(p).next.set(token, current);
    if (p === -1) return;
    const q = at(p).next.get(token) as number;
    if (at(q).length === at(p).length + 1) {
      at(current).link = q;
      return;
    }
    const { link, firstEnd, next } = at(q);
    const clone = states.push({ length: at(p).length + 1, link, firstEnd, next: new Map(next) }) - 1;
    for (; p !== -1 && at(p).next.get(token) === q; p = at(p).link) at(p).next.set(token, clone);
    at(q).link = clone;
    at(current).link = clone;
  }

  return {
    get length() {
      return size;
    },
    push(token) {
      follow(token);
      extend(token);
      // A clone may have taken over the shorter strings of the cursor's state.
      while (cursor !== 0 && at(at(cursor).link).length >= matched) cursor = at(cursor).link;
    },
    get match() {
      return { length: matched, end: at(cursor).firstEnd };
    },
  };
}
