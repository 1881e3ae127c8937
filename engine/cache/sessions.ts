import type { KvCache } from './kvCache';

/** Per-document state, least recently used first out. */
export interface Sessions<T extends { readonly cache: KvCache }> {
  /** The session of a document, new if it has none; it becomes the most recently used. */
  open(key: string): T;
  /** The session of a document if it has one, without using it. */
  peek(key: string): T | undefined;
  has(key: string): boolean;
  close(key: string): void;
  /** Drops the least recently used sessions until the caches fit the budget; in the end the latest, too. */
  trim(): void;
}

export function createSessions<T extends { readonly cache: KvCache }>(
  budgetBytes: number,
  create: () => T,
): Sessions<T> {
  // A Map keeps insertion order: re-inserting on use makes its first key the least recently used.
  const sessions = new Map<string, T>();
  const drop = (key: string): void => {
    sessions.get(key)?.cache.storage.dispose();
    sessions.delete(key);
  };
  return {
    open(key) {
      const session = sessions.get(key) ?? create();
      sessions.delete(key);
      sessions.set(key, session);
      return session;
    },
    peek: (key) => sessions.get(key),
    has: (key) => sessions.has(key),
    close: drop,
    trim() {
      let total = 0;
      for (const { cache } of sessions.values()) total += cache.byteLength;
      for (const [key, { cache }] of sessions) {
        if (total <= budgetBytes) return;
        total -= cache.byteLength;
        drop(key);
      }
    },
  };
}
