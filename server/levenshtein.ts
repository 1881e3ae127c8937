/** Least number of inserted, deleted and replaced UTF-16 units that turn `a` into `b`. */
export function levenshtein(a: string, b: string): number {
  // distances[j] is that between the first i units of `a` and the first j of `b`.
  const distances = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = i - 1;
    distances[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const replaced = diagonal + Number(a[i - 1] !== b[j - 1]);
      diagonal = distances[j] ?? 0;
      distances[j] = Math.min(replaced, diagonal + 1, (distances[j - 1] ?? 0) + 1);
    }
  }
  return distances[b.length] ?? 0;
}
