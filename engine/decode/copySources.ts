import { setImmediate } from 'node:timers/promises';
import type { CopySource } from '../completion';
import { createSuffixIndex, type SuffixIndex } from './suffixIndex';

/** A text that is not in the prompt, ready to be copied from. */
export interface IndexedSource {
  readonly tokens: readonly number[];
  readonly index: SuffixIndex;
}

/** Texts to copy from. What was offered last is kept, and a few before that. */
export interface CopySources {
  /** Remembers which texts there are; costs nothing for those known before. */
  offer(sources: readonly CopySource[]): void;
  /** The texts of the last offer that are indexed, in its order. */
  ready(): readonly IndexedSource[];
  /**
   * Indexes what was offered: work for idle time, some milliseconds a text.
   * @param isInterrupted asked between texts
   */
  index(isInterrupted: () => boolean): Promise<void>;
}

/** What lies further behind in a long text is not copied from. */
const longestText = 32 * 1024;
const mostTexts = 24;

interface Entry {
  readonly version: number;
  readonly text: string;
  indexed?: IndexedSource;
}

export function createCopySources(encode: (text: string) => readonly number[]): CopySources {
  /** Least recently offered first. */
  const entries = new Map<string, Entry>();
  let offered: readonly string[] = [];

  return {
    offer(sources) {
      offered = sources.map(({ id }) => id);
      for (const { id, version, text } of [...sources].reverse()) {
        const known = entries.get(id);
        entries.delete(id);
        entries.set(id, known?.version === version ? known : { version, text: text.slice(0, longestText) });
      }
      for (const id of entries.keys()) {
        if (entries.size <= mostTexts) break;
        entries.delete(id);
      }
    },
    ready: () => offered.flatMap((id) => entries.get(id)?.indexed ?? []),
    async index(isInterrupted) {
      for (const id of offered) {
        const entry = entries.get(id);
        if (entry === undefined || entry.indexed !== undefined) continue;
        if (isInterrupted()) return;
        const tokens = encode(entry.text);
        const index = createSuffixIndex(tokens.length);
        for (const token of tokens) index.push(token);
        entry.indexed = { tokens, index };
        // Whether something has come is known only once its message has been read.
        await setImmediate();
      }
    },
  };
}
