/** Keeps what was used last. */
export interface Recent<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): void;
  clear(): void;
}

/** @param ageMs older values are not given: what they were taken from may have changed */
export function createRecent<T>(capacity: number, ageMs: number): Recent<T> {
  const values = new Map<string, { value: T; since: number }>();
  return {
    get(key) {
      const found = values.get(key);
      if (found === undefined) return undefined;
      values.delete(key);
      if (Date.now() - found.since > ageMs) return undefined;
      values.set(key, found);
      return found.value;
    },
    set(key, value) {
      values.delete(key);
      values.set(key, { value, since: Date.now() });
      const oldest = values.keys().next().value;
      if (values.size > capacity && oldest !== undefined) values.delete(oldest);
    },
    delete: (key) => void values.delete(key),
    clear: () => values.clear(),
  };
}
