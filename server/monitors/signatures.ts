import type { ContextSnippet } from '../../engine/index';
import { toLineFeeds } from '../completion/caret';
import type { CompletionDocument } from '../completion/document';
import type { Position } from '../completion/guards';
import type { Analyst } from './analyst';

/** What other files declare that an open document uses: looked up behind a completion, for the ones to come. */
export interface Signatures {
  /** What is known of a document without waiting. */
  of(uri: string): readonly ContextSnippet[];
  /** Looks up what is used around a place. */
  look(document: CompletionDocument, position: Position): Promise<void>;
  forget(uri: string): void;
}

/** Source code has about so many characters per token. */
const charactersPerToken = 3.5;

/** @param tokens how many of the prompt's tokens they may take */
export function createSignatures(analyst: Analyst, tokens: () => number): Signatures {
  const known = new Map<string, readonly ContextSnippet[]>();
  const looking = new Set<string>();
  /** What was looked up last: the text of a document without the word that is being typed. */
  const seen = new Map<string, string>();
  const of = (uri: string) => (tokens() === 0 ? [] : (known.get(uri) ?? []));
  return {
    of,
    async look(document, position) {
      const { uri, languageId } = document;
      if (tokens() === 0 || looking.has(uri)) return;
      const text = document.getText();
      const caret = document.offsetAt(position);
      const before = toLineFeeds(text.slice(0, caret)).replace(/[\p{L}\p{N}_$]+$/u, '');
      const after = toLineFeeds(text.slice(caret));
      if (seen.get(uri) === before + after) return;
      looking.add(uri);
      seen.set(uri, before + after);
      const place = { uri, languageId, before, after };
      const found = await analyst.signatures(place, tokens() * charactersPerToken);
      // What begins the prompt stays as long as it says all that is needed: the KV cache stays with it.
      if (looking.delete(uri) && !says(of(uri), found)) known.set(uri, found);
    },
    forget(uri) {
      known.delete(uri);
      seen.delete(uri);
      looking.delete(uri);
    },
  };
}

/** Whether some snippets say all that others do. */
const says = (known: readonly ContextSnippet[], wanted: readonly ContextSnippet[]): boolean =>
  wanted.every(({ path, text }) => {
    const lines = new Set(known.find((snippet) => snippet.path === path)?.text.split('\n'));
    return text.split('\n').every((line) => lines.has(line));
  });
