/** A place to copy from. */
export interface Found {
  readonly tokens: readonly number[];
  /** Index of the token to go on with. */
  readonly end: number;
  /** Tokens that speak for this place. */
  readonly matched: number;
}

/** A copy counts as broken off when so many tokens have been written since it last matched. */
const longestChange = 48;
/** How far behind the last match the original may go on; and before it, where tokens were put in. */
const ahead = 2 * longestChange;
const back = 4;
/** Behind a change a few tokens say where the original goes on. One that agrees here says as much as three elsewhere. */
const mostAgreeing = 4;
const weight = 3;
/** An agreeing token counts as much as so many tokens nearer to where the original is expected to go on. */
const worth = 8;

/** Finds the way back into a text that is being copied with changes. */
export interface Realignment {
  /**
   * @param match the longest match at the end of `tokens`, if there is one
   * @returns the match; where there is none, the place behind the last one that agrees with the end of `tokens`
   */
  follow(match: Found | undefined, tokens: readonly number[]): Found | undefined;
}

/**
 * Text that is written again with a name changed differs from the original every few tokens, so that no match grows long. The
 * original most likely goes on right behind each change (the idea of speculative edits, and of the re-synchronisation in
 * zhu-zhu-ding/EfficientEdit): there a single token that agrees is enough, where elsewhere it would be chance.
 */
export function createRealignment(): Realignment {
  let last: { readonly place: Found; readonly at: number } | undefined;

  return {
    follow(match, tokens) {
      if (match !== undefined) last = { place: match, at: tokens.length };
      if (match !== undefined || last === undefined) return match;
      const written = tokens.length - last.at;
      return written > longestChange ? undefined : nearest(last.place, written, tokens);
    },
  };
}

/** The place around the original's expected continuation that agrees best with the end of `tokens`. */
function nearest({ tokens: original, end }: Found, written: number, tokens: readonly number[]) {
  let best: Found | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  const limit = Math.min(end + ahead, original.length - 1);
  for (let at = Math.max(1, end - back); at <= limit; at++) {
    const agreeing = commonSuffix(original, at, tokens);
    const score = worth * agreeing - Math.abs(at - end - written);
    if (agreeing === 0 || score <= bestScore) continue;
    best = { tokens: original, end: at, matched: weight * agreeing };
    bestScore = score;
  }
  return best;
}

/** Tokens before `at` that are the last ones of `tokens` too, up to a few. */
function commonSuffix(original: readonly number[], at: number, tokens: readonly number[]): number {
  let length = 0;
  while (length < mostAgreeing && length < at && original[at - 1 - length] === tokens.at(-1 - length))
    length++;
  return length;
}
