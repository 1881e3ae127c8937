/** Tokens of a sequence's end that a place has to agree with at least: fewer are chance. */
export const shortestMatch = 3;
/** Longer matches are not told apart: nothing would be drafted differently. */
const longestMatch = 64;
/** Places that are compared at most, the latest first, so that a token which is everywhere costs no more than any other. */
const mostPlaces = 256;
const none = -1;

/** A place in an indexed text. */
export interface Match {
  /** Tokens before it that are the last ones of the sequence that was looked up. */
  readonly length: number;
  /** Index of the token behind it. */
  readonly end: number;
}

/** Finds where the end of a sequence occurs in a text that grows. */
export interface SuffixIndex {
  readonly length: number;
  push(token: number): void;
  /** The longest match that something follows, the latest among equals; undefined where three tokens do not agree. */
  longest(sequence: readonly number[]): Match | undefined;
  /** Where the sequence's last three tokens stand first with something behind them. */
  first(sequence: readonly number[]): Match | undefined;
}

/**
 * Hash chains, as LZ77 compressors use them: places whose last three tokens hash alike are linked. Both indexing and looking up
 * a token cost O(1), and a few memory accesses: it is done before the first pass of every completion, where a suffix
 * automaton, which needs no bound on the places, took more than ten times as long.
 * @param expected tokens that will be pushed, to make room for; more may come
 */
export function createSuffixIndex(expected = 256): SuffixIndex {
  const tokens: number[] = [];
  let table = createTable(expected);
  /** For each place the one before it in its chain. */
  let before = new Int32Array(expected + 1);

  const slotOf = (sequence: readonly number[], end: number): number => {
    let hash = 0;
    for (let i = end - shortestMatch; i < end; i++)
      hash = Math.imul(hash ^ (sequence[i] as number), 0x9e3779b1);
    return (hash ^ (hash >>> 15)) & (table.length - 1);
  };

  function link(end: number): void {
    const slot = slotOf(tokens, end);
    before[end] = table[slot] as number;
    table[slot] = end;
  }

  function grow(): void {
    before = new Int32Array(2 * before.length);
    table = createTable(before.length);
    for (let end = shortestMatch; end < tokens.length; end++) link(end);
  }

  const agreeing = (sequence: readonly number[], end: number, most: number): number => {
    let length = 0;
    const last = sequence.length - 1;
    while (length < most && length < end && sequence[last - length] === tokens[end - 1 - length]) length++;
    return length;
  };

  function* places(sequence: readonly number[]): Generator<number> {
    if (sequence.length < shortestMatch) return;
    for (
      let end = table[slotOf(sequence, sequence.length)] as number;
      end !== none;
      end = before[end] as number
    ) {
      // Behind the last token there is nothing to copy.
      if (end < tokens.length) yield end;
    }
  }

  return {
    get length() {
      return tokens.length;
    },
    push(token) {
      tokens.push(token);
      if (tokens.length >= before.length) grow();
      if (tokens.length >= shortestMatch) link(tokens.length);
    },
    longest(sequence) {
      let best: Match | undefined;
      let compared = 0;
      for (const end of places(sequence)) {
        if (++compared > mostPlaces) break;
        const length = agreeing(sequence, end, longestMatch);
        if (length >= shortestMatch && length > (best?.length ?? 0)) best = { length, end };
        if (length === longestMatch) break;
      }
      return best;
    },
    first(sequence) {
      let found: Match | undefined;
      for (const end of places(sequence)) {
        if (agreeing(sequence, end, shortestMatch) === shortestMatch) found = { length: shortestMatch, end };
      }
      return found;
    },
  };
}

function createTable(entries: number): Int32Array {
  return new Int32Array(2 ** Math.ceil(Math.log2(2 * Math.max(8, entries)))).fill(none);
}
