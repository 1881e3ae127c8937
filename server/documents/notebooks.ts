import {
  type Connection,
  NotebookCellKind,
  NotebookDocuments,
  type TextDocuments,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';

/** The notebooks of a client that tells of them; their cells are documents like others. */
export interface Notebooks {
  listen(connection: Connection): void;
  /** The cells with code of the notebook that a document is a cell of, in their order; none for other documents. */
  cellsOf(uri: string): readonly TextDocument[];
}

/** What the server says in `initialize`: all cells of all notebooks. */
export const notebookDocumentSync = { notebookSelector: [{ notebook: '*' }] };

/** @param documents all open documents; cells are opened among them */
export function createNotebooks(documents: TextDocuments<TextDocument>): Notebooks {
  const notebooks = new NotebookDocuments(documents);
  return {
    listen: (connection) => void notebooks.listen(connection),
    cellsOf(uri) {
      const cells = notebooks.findNotebookDocumentForCell(uri)?.cells ?? [];
      return cells
        .filter(({ kind }) => kind === NotebookCellKind.Code)
        .flatMap(({ document }) => documents.get(document) ?? []);
    },
  };
}
