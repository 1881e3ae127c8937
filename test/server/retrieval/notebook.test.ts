import { expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { cellsAbove } from '../../../server/retrieval/notebook';

const cell = (name: string, text: string, languageId = 'python') =>
  TextDocument.create(`vscode-notebook-cell:/a.ipynb#${name}`, languageId, 1, text);
const first = cell('1', 'import pandas\r\n');
const note = cell('2', '# Title', 'markdown');
const second = cell('3', 'frame = pandas.read_csv(path)\nframe.head()');
const empty = cell('4', '\n');
const here = cell('5', 'frame.');
const below = cell('6', 'later()');
const cells = [first, note, second, empty, here, below];

it('the cells above in the same language are one program with the cell', () => {
  expect(cellsAbove(cells, here, 1000)).toEqual({
    text: 'import pandas\n\nframe = pandas.read_csv(path)\nframe.head()\n\n',
    cells: [
      { uri: first.uri, text: 'import pandas\n\n' },
      { uri: second.uri, text: 'frame = pandas.read_csv(path)\nframe.head()\n\n' },
    ],
  });
});

it('the nearest come first where there is little room, cut at a line', () => {
  expect(cellsAbove(cells, here, 20)?.text).toBe('frame.head()\n\n');
  expect(cellsAbove(cells, here, 50)?.text).toBe('frame = pandas.read_csv(path)\nframe.head()\n\n');
});

it('there are none above the first, in another language, or for what is no cell', () => {
  expect(cellsAbove(cells, first, 1000)).toBeUndefined();
  expect(cellsAbove(cells, note, 1000)).toBeUndefined();
  expect(cellsAbove([], here, 1000)).toBeUndefined();
  expect(cellsAbove(cells, cell('7', 'x'), 1000)).toBeUndefined();
});
