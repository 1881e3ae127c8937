import { type Chunk, jaccard, linesOf, overlap } from './chunks';

/** What the user did with a chunk last. */
export type Occasion = 'edited' | 'viewed' | 'saved' | 'left';

export interface Remembered {
  readonly chunk: Chunk;
  readonly occasion: Occasion;
}

/** The chunks that were worked with lately. */
export interface Ring {
  add(chunk: Chunk, occasion: Occasion): void;
  /** In the order in which they came. */
  list(): readonly Remembered[];
  /** Takes out chunks of documents for which it holds. */
  drop(isGone: (uri: string) => boolean): void;
}

/** llama.vscode's. */
const most = 16;
const same = 0.9;

/**
 * A new chunk takes the place of what it renews: chunks of the same document that it overlaps, and chunks of whatever document
 * that say the same. Everything else stays where it is until it is the oldest of too many.
 */
export function createRing(): Ring {
  let chunks: readonly Remembered[] = [];
  return {
    add(chunk, occasion) {
      const lines = linesOf(chunk.text);
      const renews = (there: Chunk) => overlap(there, chunk) || jaccard(linesOf(there.text), lines) > same;
      const place = chunks.findIndex((there) => renews(there.chunk));
      if (place < 0) {
        chunks = [...chunks, { chunk, occasion }].slice(-most);
        return;
      }
      chunks = chunks.flatMap((there, at) => {
        if (at === place) return [{ chunk, occasion }];
        return renews(there.chunk) ? [] : [there];
      });
    },
    list: () => chunks,
    drop(isGone) {
      chunks = chunks.filter(({ chunk }) => !isGone(chunk.uri));
    },
  };
}
