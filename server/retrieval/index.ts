import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Position } from '../completion/guards';
import type { Replacement } from '../documents/changes';
import { withoutFragment } from '../documents/uris';
import { type Budgets, characters, hasRoom } from './budgets';
import { type Candidate, type Chosen, choose } from './choice';
import { type ChunkSize, chunkAround, overlap } from './chunks';
import { createRecentEdits } from './edits';
import { type Offered, offeredChunk, offeredClip, offeredEdits } from './offered';
import { createOpenChunks, sourceOf } from './openDocuments';
import { createRing, type Occasion } from './ring';

export interface Retrieval {
  /** @param document after the replacement */
  edited(document: TextDocument, replacement: Replacement): void;
  /** The user looks at the lines around this one. */
  viewed(document: TextDocument, line: number): void;
  saved(document: TextDocument): void;
  /** What the clipboard holds; empty for nothing. */
  clipboard(text: string): void;
  /**
   * What is offered for a place, most stable first. Takes no time worth measuring.
   * @param open other open documents, the most recently used first
   */
  offer(
    document: TextDocument,
    position: Position,
    open: readonly TextDocument[],
    budgets: Budgets,
  ): readonly Offered[];
  forget(uri: string): void;
  /** Throws out what is no longer allowed. */
  recheck(): void;
}

/** llama.vscode's. A chunk is also short enough that two of them have room. */
const chunkLines = 64;
const leastCharacters = 200;
/** Lines around the caret that others are compared with. */
const nearLines = 30;
/** A place so many lines away from the last one is another one (llama.vscode's). */
const elsewhere = 32;

/**
 * Gathers what is around a document while the user works: pieces of what was edited or looked at, the last edits, other open
 * documents.
 * @param isAllowed whether the text of a document may be shown in another one
 */
export function createRetrieval(isAllowed: (uri: string) => boolean): Retrieval {
  const ring = createRing();
  const edits = createRecentEdits();
  const openChunks = createOpenChunks();
  /** What each document was offered last. */
  const chosen = new Map<string, Record<'recent' | 'open', readonly Chosen[]>>();
  /** Where the user was last, and what with. */
  let last: { readonly document: TextDocument; readonly line: number } | undefined;
  let clip = '';
  /** Until it is known what the model reads: a small chunk fits in any budget. */
  let size: ChunkSize = { lines: chunkLines, characters: leastCharacters };

  function remember(document: TextDocument, line: number, occasion: Occasion): void {
    if (!isAllowed(document.uri)) return;
    const chunk = chunkAround(sourceOf(document), line, size);
    if (chunk !== undefined) ring.add(chunk, occasion);
  }

  function edited(document: TextDocument, replacement: Replacement): void {
    if (isAllowed(document.uri)) edits.replaced(document, replacement);
    const { line } = document.positionAt(replacement.start + replacement.inserted.length);
    // What is still being typed changes with every key: it is remembered when the user goes elsewhere.
    if (last !== undefined && (last.document.uri !== document.uri || Math.abs(last.line - line) > elsewhere))
      remember(last.document, last.line, 'edited');
    last = { document, line };
  }

  function offer(
    document: TextDocument,
    position: Position,
    open: readonly TextDocument[],
    budgets: Budgets,
  ): readonly Offered[] {
    if (!hasRoom(budgets)) return [];
    const largest = Math.max(budgets.recent, budgets.open);
    size = { lines: chunkLines, characters: Math.max(leastCharacters, Math.floor(characters(largest) / 2)) };
    if (last !== undefined && last.document.uri !== document.uri) {
      remember(last.document, last.line, 'edited');
      last = undefined;
    }
    const { uri, languageId } = document;
    const surroundings = { languageId, near: nearText(document, position) };
    const before = chosen.get(uri) ?? { recent: [], open: [] };
    const pick = (candidates: readonly Candidate[], source: 'recent' | 'open') =>
      budgets[source] === 0
        ? []
        : choose(candidates, surroundings, characters(budgets[source]), before[source]);
    // The cells of a notebook are one program: what of them is shown stands above the text.
    const isOther = (other: string) => withoutFragment(other) !== withoutFragment(uri) && isAllowed(other);
    const recent = pick(
      ring.list().filter(({ chunk }) => isOther(chunk.uri)),
      'recent',
    );
    const others = open.filter((other) => isOther(other.uri));
    const isNew = ({ chunk }: Candidate) => !recent.some((there) => overlap(there.chunk, chunk));
    const fromOpen = pick(
      (budgets.open === 0 ? [] : openChunks.of(others, size))
        .map((chunk): Candidate => ({ chunk, occasion: 'open' }))
        .filter(isNew),
      'open',
    );
    chosen.set(uri, { recent, open: fromOpen });
    return [
      ...recent.map((each) => offeredChunk(each, 'recent')),
      ...fromOpen.map((each) => offeredChunk(each, 'open')),
      ...offeredEdits(
        uri,
        edits.list().filter((hunk) => isAllowed(hunk.uri)),
        characters(budgets.edits),
      ),
      ...offeredClip(clip, characters(budgets.clipboard)),
    ];
  }

  return {
    edited,
    viewed: (document, line) => remember(document, line, 'viewed'),
    saved(document) {
      if (last?.document.uri === document.uri) remember(document, last.line, 'saved');
    },
    clipboard(text) {
      clip = text;
    },
    offer,
    forget(uri) {
      if (last?.document.uri === uri) {
        remember(last.document, last.line, 'left');
        last = undefined;
      }
      chosen.delete(uri);
      openChunks.forget(uri);
    },
    recheck() {
      const isGone = (uri: string) => !isAllowed(uri);
      ring.drop(isGone);
      edits.drop(isGone);
    },
  };
}

const nearText = (document: TextDocument, { line }: Position): string =>
  document.getText({
    start: { line: Math.max(0, line - nearLines), character: 0 },
    end: { line: line + nearLines, character: 0 },
  });
