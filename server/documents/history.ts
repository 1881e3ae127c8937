import { TextDocument } from 'vscode-languageserver-textdocument';
import type { CopySource } from '../../engine/index';
import { toLineFeeds } from '../completion/caret';
import { largestDocument } from '../completion/guards';
import { applyChanges, isWhole, type Replacement } from './changes';
import { createRemovals, type Removals } from './removals';
import { isSecret } from './secrets';

/** What is remembered of open documents besides their text. */
export interface DocumentHistory {
  /** As `TextDocuments` wants it, so that edits are seen before what they replace is gone. */
  create(uri: string, languageId: string, version: number, text: string): TextDocument;
  /** Never throws. The document's own version grows with each call, whatever the client counts. */
  update(document: TextDocument, changes: readonly unknown[], version: number): TextDocument;
  /** The user is in this document. */
  use(uri: string): void;
  /** Open documents whose text is known, the most recently used first. */
  recent(): readonly TextDocument[];
  /** Forgets it: what a closed document held is no longer in memory. */
  close(uri: string): void;
  /** Why the text of an open document is no longer known, in one sentence. */
  problem(uri: string): string | undefined;
  /**
   * What may be copied from in a document: its latest removals, then the other documents, most recently used first.
   * Languages that are switched off count as well: the switch says where ghost text appears, not what may be read.
   */
  copySources(uri: string): readonly CopySource[];
  /** What the last edit took away at this place (in UTF-16 units), if that was all it did. */
  removedAt(uri: string, offset: number): string | undefined;
}

interface Entry {
  readonly document: TextDocument;
  readonly removals: Removals;
  /** What the client said last, if it counts. */
  clientVersion: number;
  problem: string | undefined;
  editedAt: number;
  /** What others may copy from it, once it is asked for, until the next edit. */
  source: CopySource | 'none' | undefined;
}

const mostDocuments = 6;
/** UTF-16 units of a document, around its last edit. */
const longestSource = 32 * 1024;

/**
 * @param warn told once whenever a document's text is no longer known
 * @param told every edit as it is applied
 * @param isOffered whether what a document says may be copied into others
 */
export function createDocumentHistory(
  warn: (message: string) => void,
  told: (uri: string, replacement: Replacement) => void = () => {},
  isOffered: (uri: string) => boolean = (uri) => !isSecret(uri),
): DocumentHistory {
  /** The least recently used first. */
  const entries = new Map<string, Entry>();
  /** Versions of sources: unlike those of clients they do not begin again when a document is opened again. */
  let revisions = 0;

  function use(uri: string): void {
    const entry = entries.get(uri);
    if (entry === undefined) return;
    entries.delete(uri);
    entries.set(uri, entry);
  }

  function replaced(entry: Entry, replacement: Replacement): void {
    entry.removals.add(replacement);
    entry.editedAt = replacement.start + replacement.inserted.length;
    entry.source = undefined;
    told(entry.document.uri, replacement);
  }

  /** @returns why the text is not the client's any more */
  function apply(
    entry: Entry,
    changes: readonly unknown[],
    version: number,
    next: number,
  ): string | undefined {
    const { document } = entry;
    const goesBack = Number.isInteger(version) && version <= entry.clientVersion;
    const why =
      entry.problem ??
      (goesBack ? `version ${version} came after version ${entry.clientVersion}` : undefined);
    const whole = changes.findLastIndex(isWhole);
    if (why !== undefined && whole < 0) return why;
    return applyChanges(document, changes.slice(Math.max(0, whole)), next, (replacement) =>
      replaced(entry, replacement),
    );
  }

  function sourceOf(entry: Entry): CopySource | undefined {
    if (!isOffered(entry.document.uri)) return undefined;
    entry.source ??= textOf(entry) ?? 'none';
    return entry.source === 'none' || entry.problem !== undefined ? undefined : entry.source;
  }

  function textOf({ document, editedAt }: Entry): CopySource | undefined {
    const text = document.getText();
    if (text.length > largestDocument) return undefined;
    const end = Math.min(text.length, Math.max(longestSource, editedAt + longestSource / 2));
    const clip = text.slice(Math.max(0, end - longestSource), end);
    if (clip.trim() === '' || clip.includes('\0')) return undefined;
    return { id: document.uri, version: ++revisions, text: toLineFeeds(clip) };
  }

  return {
    create(uri, languageId, version, text) {
      const document = TextDocument.create(uri, languageId, version, text);
      entries.delete(uri);
      entries.set(uri, {
        document,
        removals: createRemovals(),
        clientVersion: version,
        problem: undefined,
        editedAt: 0,
        source: undefined,
      });
      return document;
    },

    update(document, changes, version) {
      const entry = entries.get(document.uri);
      if (entry === undefined) return document;
      const next = Math.max(document.version + 1, Number.isInteger(version) ? version : 0);
      const problem = apply(entry, changes, version, next);
      if (problem !== undefined && entry.problem === undefined) warn(`${document.uri}: ${sentence(problem)}`);
      entry.problem = problem;
      if (Number.isInteger(version)) entry.clientVersion = version;
      // Also where nothing was applied: what was asked before is out of date.
      TextDocument.update(document, [], next);
      use(document.uri);
      return document;
    },

    use,
    recent: () =>
      [...entries.values()]
        .filter(({ problem }) => problem === undefined)
        .map(({ document }) => document)
        .reverse(),
    close: (uri) => void entries.delete(uri),

    problem(uri) {
      const problem = entries.get(uri)?.problem;
      return problem === undefined ? undefined : sentence(problem);
    },

    copySources(uri) {
      const own = entries.get(uri)?.removals.list() ?? [];
      const removed = own.map(({ number, version, before, text }) => ({
        id: `deleted:${uri}#${number}`,
        version,
        text: toLineFeeds(before + text),
      }));
      const others: CopySource[] = [];
      for (const [name, entry] of [...entries].reverse()) {
        const source = name === uri ? undefined : sourceOf(entry);
        if (source !== undefined) others.push(source);
        if (others.length === mostDocuments) break;
      }
      return [...removed, ...others];
    },

    removedAt(uri, offset) {
      const last = entries.get(uri)?.removals.last();
      return last?.start === offset ? toLineFeeds(last.text) : undefined;
    },
  };
}

function sentence(problem: string): string {
  return `The text of this document is not known any more, because ${problem}; close and open it again.`;
}
