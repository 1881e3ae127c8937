/** Keeps the latest of what it is given. */
export interface Ring<T> {
  add(entry: T): void;
  /** The oldest first. */
  list(): readonly T[];
}

export function createRing<T>(capacity: number): Ring<T> {
  const entries: T[] = [];
  return {
    add(entry) {
      entries.push(entry);
      if (entries.length > capacity) entries.shift();
    },
    list: () => [...entries],
  };
}
