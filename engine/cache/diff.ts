/** Rows `from` to `from + length` of the old sequence are rows `to` to `to + length` of the new one. */
export interface Run {
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

/** Beyond so many insertions and deletions the texts have little in common, and looking on costs milliseconds. */
const mostEdits = 1024;

/**
 * What two token sequences have in common, as ascending runs: a shortest edit script (Myers 1986, the greedy
 * algorithm), or only the common start and end where the texts differ too much. O((n + m) * edits) time.
 */
export function commonRuns(old: ArrayLike<number>, now: ArrayLike<number>): Run[] {
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && old[start] === now[start]) start++;
  let end = 0;
  while (end < shorter - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end++;
  const middle = matches(old, now, start, old.length - end, now.length - end);
  const ends = { from: old.length - end, to: now.length - end, length: end };
  return joined([{ from: 0, to: 0, length: start }, ...middle, ends]);
}

/** The diagonals of a shortest edit script from `old[start, oldEnd)` to `now[start, nowEnd)`. */
function matches(
  old: ArrayLike<number>,
  now: ArrayLike<number>,
  start: number,
  oldEnd: number,
  nowEnd: number,
): Run[] {
  const [n, m] = [oldEnd - start, nowEnd - start];
  if (n === 0 || m === 0) return [];
  const most = Math.min(n + m, mostEdits);
  const origin = most + 1;
  /** Furthest x on each diagonal k = x - y, at `origin + k`; -1 where none was reached. */
  const furthest = new Int32Array(2 * origin + 1).fill(-1);
  /** What `furthest` was before each number of edits, from diagonal -edits on. */
  const history: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits++) {
    history.push(furthest.slice(origin - edits, origin + edits + 1));
    for (let k = -edits; k <= edits; k += 2) {
      if (k < -m || k > n) continue;
      let x = entry(furthest, origin, k, edits).x;
      while (x < n && x - k < m && old[start + x] === now[start + x - k]) x++;
      furthest[origin + k] = x;
      if (x >= n && x - k >= m) return wayBack(history, n, m, start);
    }
  }
  return [];
}

/** Where the last of `edits` edits enters diagonal k: by an insertion from above or a deletion from the left. */
function entry(furthest: Int32Array, origin: number, k: number, edits: number) {
  if (edits === 0) return { x: 0, from: k };
  const above = furthest[origin + k + 1] as number;
  const left = furthest[origin + k - 1] as number;
  const inserts = k === -edits || (k !== edits && left < above);
  return inserts ? { x: above, from: k + 1 } : { x: left + 1, from: k - 1 };
}

function wayBack(history: readonly Int32Array[], n: number, m: number, start: number): Run[] {
  const runs: Run[] = [];
  let [x, k] = [n, n - m];
  for (let edits = history.length - 1; edits >= 0; edits--) {
    const entered = entry(history[edits] as Int32Array, edits, k, edits);
    const length = x - entered.x;
    if (length > 0) runs.push({ from: start + entered.x, to: start + entered.x - k, length });
    x = entered.from < k ? entered.x - 1 : entered.x;
    k = entered.from;
  }
  return runs.reverse();
}

/** Neighbours on the same diagonal are one run. */
function joined(runs: readonly Run[]): Run[] {
  const result: Run[] = [];
  for (const run of runs) {
    const last = result.at(-1);
    if (run.length === 0) continue;
    if (last && last.from + last.length === run.from && last.to + last.length === run.to) {
      result[result.length - 1] = { ...last, length: last.length + run.length };
    } else {
      result.push(run);
    }
  }
  return result;
}
