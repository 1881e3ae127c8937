import { toLineFeeds } from '../completion/caret';
import type { CompletionDocument } from '../completion/document';
import type { Position } from '../completion/guards';
import type { Settings } from '../protocol';
import type { Analyst, Declared } from './analyst';

/** What other files declare that an open document uses: looked up behind a completion, for the ones to come. */
export interface Signatures {
  /** What is known of a document without waiting, and may be shown now. */
  of(uri: string): readonly Declared[];
  /**
   * Looks up what is used around a place.
   * @param tokens how many of the prompt's tokens it may take
   */
  look(document: CompletionDocument, position: Position, tokens: number): Promise<void>;
  forget(uri: string): void;
}

/**
 * How many tokens of the prompt suit a model. Below 1,024 tokens all are needed for the file itself: with the default model's 512
 * the next identifier was right at 222 of 700 dereferences with 96 tokens of signatures, and at 225 without.
 */
export function signatureTokens({ without, signatureTokens: set }: Settings, contextTokens: number): number {
  if (without.includes('monitor')) return 0;
  return set ?? (contextTokens < 1024 ? 0 : 256);
}

/** Source code has about so many characters per token. */
const charactersPerToken = 3.5;

/** Begins nowhere within a word: a search from each character of a long one would take the square of its length. */
const lastWord = /(?<![\p{L}\p{N}_$])[\p{L}\p{N}_$]+$/u;

/** @param isAllowed whether what a file says may be shown in another one */
export function createSignatures(
  analyst: Analyst,
  isAllowed: (uri: string) => boolean = () => true,
): Signatures {
  const known = new Map<string, readonly Declared[]>();
  const looking = new Set<string>();
  /** What was looked up last: the caret and the text of a document, without the word that is being typed. */
  const seen = new Map<string, string>();
  const allowed = (declared: readonly Declared[]) =>
    declared.filter(({ uri }) => uri === undefined || isAllowed(uri));
  // What was allowed when it was looked up may not be any more.
  const of = (uri: string) => allowed(known.get(uri) ?? []);
  return {
    of,
    async look(document, position, tokens) {
      const { uri, languageId } = document;
      if (looking.has(uri)) return;
      const text = document.getText();
      const caret = document.offsetAt(position);
      const before = toLineFeeds(text.slice(0, caret)).replace(lastWord, '');
      const after = toLineFeeds(text.slice(caret));
      const looked = `${before.length} ${before}${after}`;
      if (seen.get(uri) === looked) return;
      looking.add(uri);
      seen.set(uri, looked);
      const place = { uri, languageId, before, after };
      const found = allowed(await analyst.signatures(place, tokens * charactersPerToken));
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
const says = (known: readonly Declared[], wanted: readonly Declared[]): boolean =>
  wanted.every(({ path, text }) => {
    const lines = new Set(known.find((snippet) => snippet.path === path)?.text.split('\n'));
    return text.split('\n').every((line) => lines.has(line));
  });
