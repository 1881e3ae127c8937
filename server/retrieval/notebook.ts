import type { TextDocument } from 'vscode-languageserver-textdocument';
import { toLineFeeds } from '../completion/caret';

/** The text of the cells above one, as if they were one program with it. */
export interface CellsAbove {
  readonly text: string;
  /** The cells that are in it, from above, each with its part of the text. */
  readonly cells: readonly { readonly uri: string; readonly text: string }[];
}

/**
 * @param cells all cells of the notebook in their order
 * @param room characters: the nearest cells first, whole ones as far as they fit, the last one cut at a line
 */
export function cellsAbove(
  cells: readonly TextDocument[],
  cell: TextDocument,
  room: number,
): CellsAbove | undefined {
  const place = cells.findIndex(({ uri }) => uri === cell.uri);
  const taken: { uri: string; text: string }[] = [];
  let left = room;
  for (const { uri, languageId, ...above } of cells.slice(0, Math.max(0, place)).map(plain).reverse()) {
    if (languageId !== cell.languageId || above.text.trim() === '') continue;
    const whole = above.text.length <= left;
    const text = whole ? above.text : wholeLines(above.text.slice(above.text.length - left));
    if (text.trim() !== '') taken.unshift({ uri, text });
    if (!whole) break;
    left -= text.length;
  }
  if (taken.length === 0) return undefined;
  return { text: taken.map(({ text }) => text).join(''), cells: taken };
}

/** With a blank line behind it, as between the parts of a program. */
const plain = (cell: TextDocument) => ({
  uri: cell.uri,
  languageId: cell.languageId,
  text: `${toLineFeeds(cell.getText()).trimEnd()}\n\n`,
});

/** The first line of a text that was cut is not whole. */
const wholeLines = (text: string): string => text.slice(text.indexOf('\n') + 1);
