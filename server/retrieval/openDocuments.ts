import type { TextDocument } from 'vscode-languageserver-textdocument';
import { toLineFeeds } from '../completion/caret';
import { type Chunk, type ChunkSize, chunksOf } from './chunks';

/** Documents of which all chunks are looked at, the most recently used first: as many as Copilot takes. */
const most = 20;
/** UTF-16 units; of a longer one the ring has what was worked with. */
const longest = 128 * 1024;

/** The chunks of open documents, cut anew when one has changed. */
export interface OpenChunks {
  of(documents: readonly TextDocument[], size: ChunkSize): readonly Chunk[];
  forget(uri: string): void;
}

export function createOpenChunks(): OpenChunks {
  const known = new Map<
    string,
    { readonly version: number; readonly size: string; readonly chunks: Chunk[] }
  >();
  return {
    of(documents, size) {
      return documents.slice(0, most).flatMap((document) => {
        const { uri, version } = document;
        const there = known.get(uri);
        const wanted = `${size.lines}×${size.characters}`;
        if (there?.version === version && there.size === wanted) return there.chunks;
        const text = document.getText();
        const chunks = text.length > longest || text.includes('\0') ? [] : chunksOf(sourceOf(document), size);
        known.set(uri, { version, size: wanted, chunks });
        return chunks;
      });
    },
    forget: (uri) => void known.delete(uri),
  };
}

export const sourceOf = (document: TextDocument) => ({
  uri: document.uri,
  languageId: document.languageId,
  lines: toLineFeeds(document.getText()).split('\n'),
});
