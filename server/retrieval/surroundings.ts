import { fileURLToPath } from 'node:url';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Position } from '../completion/guards';
import { createIgnoredFiles } from '../documents/ignored';
import { isSecret } from '../documents/secrets';
import type { Analyst } from '../monitors/analyst';
import { createSignatures, type Signatures, signatureTokens } from '../monitors/signatures';
import type { Settings } from '../protocol';
import { budgetsOf, characters, hasRoom } from './budgets';
import { createRetrieval, type Retrieval } from './index';
import { type CellsAbove, cellsAbove } from './notebook';
import { type Offered, offeredDeclaration } from './offered';

/** All that a prompt may show besides its document. */
export interface Gathered {
  /** Most stable first. */
  readonly context: readonly Offered[];
  /** Goes before the document's text. */
  readonly above: CellsAbove | undefined;
}

export interface SurroundingsOptions {
  readonly settings: () => Settings;
  readonly analyst: Analyst;
  /** File paths of the workspace on this machine. */
  readonly folders: () => readonly string[];
  /** Paths of the workspace, on whatever machine: what globs are relative to. */
  readonly roots: () => readonly string[];
  /** Those that Slipstream is on in, the most recently used first. */
  readonly openDocuments: () => readonly TextDocument[];
  /** The cells of the notebook that a document is a cell of, in their order; none for other documents. */
  readonly cellsOf: (uri: string) => readonly TextDocument[];
}

/** What is around the documents that are completed. */
export interface Surroundings {
  readonly retrieval: Retrieval;
  readonly signatures: Signatures;
  /** Whether what a document says may be shown in others: it is neither secret nor ignored by git. */
  isAllowed(uri: string): boolean;
  /**
   * Takes no time: what has to be looked up was looked up behind the completions before.
   * @param contextTokens what the model reads
   */
  gather(document: TextDocument, position: Position, contextTokens: number): Gathered;
  /** Looks up behind a completion what the next one may show. */
  look(document: TextDocument, position: Position, contextTokens: number): void;
}

export function createSurroundings({
  settings,
  analyst,
  folders,
  roots,
  openDocuments,
  cellsOf,
}: SurroundingsOptions): Surroundings {
  const ignored = createIgnoredFiles(folders);
  const isAllowed = (uri: string): boolean => {
    if (isSecret(uri, settings().secretFiles, roots())) return false;
    const file = fileOf(uri);
    return file === undefined || !ignored.isIgnored(file);
  };
  const signatures = createSignatures(analyst, isAllowed);
  const retrieval = createRetrieval(isAllowed);
  return {
    retrieval,
    signatures,
    isAllowed,
    gather(document, position, contextTokens) {
      const budgets = budgetsOf(settings(), contextTokens);
      const declared = signatureTokens(settings(), contextTokens) > 0 ? signatures.of(document.uri) : [];
      // With no room nobody looks at what is open.
      const open = hasRoom(budgets) ? openDocuments() : [];
      const around = retrieval.offer(document, position, open, budgets);
      const cells = budgets.notebook === 0 ? [] : cellsOf(document.uri);
      return {
        context: [...declared.map(offeredDeclaration), ...around],
        above: cellsAbove(cells, document, characters(budgets.notebook)),
      };
    },
    look(document, position, contextTokens) {
      const tokens = signatureTokens(settings(), contextTokens);
      if (tokens > 0) void signatures.look(document, position, tokens);
    },
  };
}

/** What stands before a notebook's path in the URI of its cell; a server beside remote files is told their host, too. */
const cellOfFile = /^vscode-notebook-cell:(?:\/\/[^/]*)?(?=\/)/;

/** The path of a document on this machine; undefined where it has none. The cell of a notebook has the notebook's. */
export function fileOf(uri: string): string | undefined {
  const file = uri.replace(cellOfFile, 'file://');
  try {
    return file.startsWith('file:') ? fileURLToPath(file) : undefined;
  } catch {
    return undefined;
  }
}
