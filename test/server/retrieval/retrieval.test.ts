import { beforeEach, describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { defaultSettings } from '../../../server/protocol';
import type { Budgets } from '../../../server/retrieval/budgets';
import { budgetsOf } from '../../../server/retrieval/budgets';
import { createRetrieval, type Retrieval } from '../../../server/retrieval/index';

const none: Budgets = { recent: 0, open: 0, edits: 0, notebook: 0, clipboard: 0 };
const open = (uri: string, text: string, languageId = 'typescript') =>
  TextDocument.create(uri, languageId, 1, text);
const shelf = open(
  'file:///shelf.ts',
  'export class Shelf {\n  addBook(book: Book, position: number): void {\n    this.books.splice(position, 0, book);\n  }\n}\n',
);
const weather = open(
  'file:///weather.ts',
  'export function forecast(station: Station): Forecast {\n  const pressure = station.barometer();\n  return predict(pressure);\n}\n',
);
const caller = open(
  'file:///main.ts',
  "import { Shelf } from './shelf';\nconst shelf = new Shelf();\nshelf.addBook(book, position);\n",
);
const place = { line: 2, character: 6 };

let retrieval: Retrieval;
beforeEach(() => {
  retrieval = createRetrieval((uri) => !uri.includes('secret'));
});
const offered = (budgets: Partial<Budgets>, documents: readonly TextDocument[] = []) =>
  retrieval.offer(caller, place, documents, { ...none, ...budgets });

describe('what was worked with', () => {
  it('is offered where it is like the text around the caret, with the reason', () => {
    retrieval.viewed(weather, 1);
    retrieval.viewed(shelf, 2);
    expect(offered({ recent: 200 })).toEqual([
      {
        source: 'recent',
        path: 'shelf.ts',
        text: shelf.getText().trimEnd(),
        uri: shelf.uri,
        lines: [1, 5],
        why: expect.stringMatching(/^looked at lately, and \d+ % like the text around the caret$/),
      },
    ]);
    expect(offered({})).toEqual([]);
    expect(offered({ open: 200 })).toEqual([]);
  });

  it('is never from the document itself, nor from one that is not allowed', () => {
    retrieval.viewed(caller, 1);
    retrieval.viewed(open('file:///secret/shelf.ts', shelf.getText()), 1);
    expect(offered({ recent: 200 })).toEqual([]);
  });

  it('is forgotten when it is not allowed any more', () => {
    let isAllowed = true;
    retrieval = createRetrieval(() => isAllowed);
    retrieval.viewed(shelf, 1);
    isAllowed = false;
    expect(offered({ recent: 200 })).toEqual([]);
    retrieval.recheck();
    isAllowed = true;
    expect(offered({ recent: 200 })).toEqual([]);
  });

  it('is not offered where the prompt has it already', () => {
    const copy = open(
      caller.uri,
      `${shelf.getText()}\nconst shelf = new Shelf();\nshelf.addBook(book, position);\n`,
    );
    retrieval.viewed(shelf, 2);
    expect(retrieval.offer(copy, { line: 7, character: 6 }, [], { ...none, recent: 200 })).toEqual([]);
  });

  it('is there when an edited document is left for another', () => {
    const start = shelf.getText().indexOf('splice');
    retrieval.edited(shelf, { start, removed: '', inserted: 'splice', before: '' });
    expect(offered({ recent: 200 })[0]).toMatchObject({
      uri: shelf.uri,
      why: expect.stringMatching(/^edited/),
    });
  });
});

describe('other open documents', () => {
  it('are offered as far as there is room, unless the same was worked with', () => {
    expect(offered({ open: 200 }, [caller, weather, shelf])).toMatchObject([
      { source: 'open', uri: shelf.uri },
    ]);
    expect(offered({ open: 5 }, [shelf])).toEqual([]);
    retrieval.viewed(shelf, 2);
    expect(offered({ open: 200, recent: 200 }, [shelf])).toMatchObject([{ source: 'recent' }]);
  });

  it('are no cells of the same notebook: those above stand before the text anyhow', () => {
    const cell = (notebook: string, name: string, text: string) =>
      open(`vscode-notebook-cell:/work/${notebook}.ipynb#${name}`, text);
    const here = cell('a', 'W2', caller.getText());
    const same = cell('a', 'W1', shelf.getText());
    const other = cell('b', 'W1', shelf.getText());
    const budgets = { ...none, recent: 200, open: 200 };
    retrieval.viewed(same, 2);
    expect(retrieval.offer(here, place, [same], budgets)).toEqual([]);
    expect(retrieval.offer(here, place, [same, other], budgets)).toMatchObject([{ uri: other.uri }]);
    retrieval.viewed(other, 2);
    expect(retrieval.offer(here, place, [], budgets)).toMatchObject([{ source: 'recent', uri: other.uri }]);
  });

  it('in another language count for less', () => {
    const python = open('file:///shelf.py', shelf.getText(), 'python');
    const found = offered({ open: 400 }, [python, shelf]);
    expect(found.map(({ uri }) => uri)).toEqual([shelf.uri, python.uri]);
  });
});

describe('the order', () => {
  const shelves = Array.from({ length: 4 }, (_, i) =>
    open(
      `file:///shelf${i}.ts`,
      `export class Shelf${i} {\n  addBook(book: Book, position: number, extra${i}: number): void {\n    this.books${i}.splice(position, ${i}, book);\n  }\n}\n`,
    ),
  );

  it('stays from request to request: what is new comes behind what stays, and what goes leaves the rest alone', () => {
    const budgets = { recent: 150 };
    for (const each of shelves.slice(0, 2)) retrieval.viewed(each, 2);
    const first = offered(budgets).map(({ uri }) => uri);
    expect(first).toHaveLength(2);
    for (const each of shelves.slice(2)) retrieval.viewed(each, 2);
    const second = offered(budgets).map(({ uri }) => uri);
    expect(second.slice(0, 2)).toEqual(first);
    expect(offered(budgets).map(({ uri }) => uri)).toEqual(second);
    const [gone] = first;
    if (gone === undefined) throw new Error('nothing was offered');
    retrieval = createRetrieval(() => true);
    for (const each of shelves) retrieval.viewed(each, 2);
    const all = offered({ recent: 400 }).map(({ uri }) => uri);
    retrieval.viewed(shelves[0] ?? shelf, 2);
    expect(offered({ recent: 400 }).map(({ uri }) => uri)).toEqual(all);
  });
});

describe('edits and the clipboard', () => {
  it('are offered as a diff, and as they are, only where there is a budget', () => {
    const edited = open('file:///shelf.ts', 'class Shelf {\n  insert(book) {}\n}\n');
    const start = edited.getText().indexOf('insert');
    retrieval.edited(edited, { start, removed: 'add', inserted: 'insert', before: '' });
    retrieval.edited(weather, { start: 0, removed: '', inserted: 'export', before: '' });
    retrieval.clipboard('const copied = true;');
    expect(offered({ edits: 100, clipboard: 100 })).toEqual([
      {
        source: 'edits',
        path: 'shelf.ts.diff',
        text: '-  add(book) {}\n+  insert(book) {}',
        uri: edited.uri,
        lines: [2, 2],
        why: 'one of the last edits, elsewhere',
      },
      expect.objectContaining({ source: 'clipboard', text: 'const copied = true;' }),
    ]);
    expect(offered({})).toEqual([]);
    retrieval.clipboard('');
    expect(offered({ clipboard: 100 })).toEqual([]);
  });
});

describe('budgets', () => {
  it('are what suits the model, where nobody says otherwise', () => {
    const { notebook: _, ...small } = budgetsOf(defaultSettings, 512);
    expect(Object.values(small).every((tokens) => tokens === 0)).toBe(true);
    expect(budgetsOf(defaultSettings, 2048)).toMatchObject({ recent: 128, clipboard: 0 });
    const settings = { ...defaultSettings, context: { ...defaultSettings.context, recent: 7, edits: 0 } };
    expect(budgetsOf(settings, 2048)).toMatchObject({ recent: 7, edits: 0, open: 128 });
    expect(budgetsOf(settings, 512).recent).toBe(7);
  });
});
