import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { createDocumentHistory } from '../../../server/documents/history';
import { createRecentEdits, diffOf } from '../../../server/retrieval/edits';

/** Open documents whose edits are followed. */
function editor(text: string) {
  const edits = createRecentEdits();
  const documents = new Map<string, TextDocument>();
  const history = createDocumentHistory(
    () => {},
    (uri, replacement) => {
      const document = documents.get(uri);
      if (document !== undefined) edits.replaced(document, replacement);
    },
  );
  const open = (uri: string, content: string) =>
    documents.set(uri, history.create(uri, 'typescript', 1, content));
  open('a', text);
  open('b', 'one\ntwo\n');
  let version = 1;
  function replaceAt(at: number, length: number, by: string, uri = 'a'): void {
    const document = documents.get(uri);
    if (document === undefined) throw new Error('not open');
    const range = { start: document.positionAt(at), end: document.positionAt(at + length) };
    history.update(document, [{ range, text: by }], ++version);
  }
  return {
    edits,
    text: () => documents.get('a')?.getText() ?? '',
    replaceAt,
    /** Replaces the first occurrence. */
    replace(wanted: string, by: string, uri = 'a') {
      const at = documents.get(uri)?.getText().indexOf(wanted) ?? -1;
      if (at < 0) throw new Error(`${wanted} is not there`);
      replaceAt(at, wanted.length, by, uri);
    },
  };
}

const shelf = 'class Shelf {\n  books = [];\n\n  add(book) {\n    this.books.push(book);\n  }\n}\n';

describe('recent edits', () => {
  it('are told when the user goes elsewhere, as whole lines', () => {
    const { edits, replace } = editor(shelf);
    replace('push', 'unshift');
    expect(edits.list()).toEqual([]);
    replace('one', 'uno', 'b');
    expect(edits.list().map(diffOf)).toEqual(['-    this.books.push(book);\n+    this.books.unshift(book);']);
    expect(edits.list()[0]).toMatchObject({ uri: 'a', start: 4 });
  });

  it('count as one where they are next to each other, and not at all where all is as it was', () => {
    const { edits, replace } = editor(shelf);
    for (const [wanted, by] of [
      ['add(', 'insert('],
      ['(book) {', '(book, at) {'],
      ['.push(book)', '.splice(at, 0, book)'],
    ] as const)
      replace(wanted, by);
    replace('one', 'uno', 'b');
    replace('uno', 'one', 'b');
    replace('class', 'export class');
    expect(edits.list().map(diffOf)).toEqual([
      '-  add(book) {\n-    this.books.push(book);\n+  insert(book, at) {\n+    this.books.splice(at, 0, book);',
    ]);
  });

  it('with lines that were added and taken away', () => {
    const { edits, replace } = editor(shelf);
    replace('  }\n}', '  }\n\n  clear() {\n    this.books = [];\n  }\n}');
    replace('one', 'uno', 'b');
    expect(edits.list().map(diffOf)).toEqual(['+\n+  clear() {\n+    this.books = [];\n+  }']);
    replace('  books = [];\n\n', '', 'a');
    replace('two', 'due', 'b');
    expect(edits.list().map(diffOf)[0]).toBe('-  books = [];\n-');
  });

  it('are at most eight, the latest first, and none of a document that is not allowed any more', () => {
    const { edits, replace } = editor(Array.from({ length: 60 }, (_, i) => `l${i};`).join('\n'));
    for (let i = 0; i < 50; i += 5) replace(`l${i};`, `edited${i};`);
    expect(edits.list().map(({ start }) => start)).toEqual([40, 35, 30, 25, 20, 15, 10, 5]);
    edits.drop((uri) => uri === 'a');
    expect(edits.list()).toEqual([]);
  });

  it('a replaced document is none', () => {
    const { edits, replace, text } = editor(Array.from({ length: 60 }, (_, i) => `l${i};`).join('\n'));
    replace(text(), 'formatted\n'.repeat(40));
    replace('one', 'uno', 'b');
    expect(edits.list()).toEqual([]);
  });
});

it.each(['\n', '\r\n'])(
  'whatever is edited at a place: putting back what was there gives the text from before (%j)',
  (eol) => {
    const edit = fc.tuple(fc.nat(4), fc.nat(12), fc.constantFrom('', 'x', 'new\n', '\n', 'y\nz', 'p\nq\n'));
    const text = Array.from({ length: 12 }, (_, i) => `line ${i}`).join(eol);
    const place = text.indexOf('line 5');
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (changes) => {
        const { edits, text: now, replaceAt, replace } = editor(text);
        for (const [offset, length, by] of changes)
          replaceAt(place + offset, length, by.replaceAll('\n', eol));
        replace('one', 'uno', 'b');
        const [hunk, more] = edits.list();
        expect(more).toBeUndefined();
        if (hunk === undefined) return;
        const lines = now().split(eol);
        expect(lines.slice(hunk.start, hunk.start + hunk.after.length)).toEqual(hunk.after);
        lines.splice(hunk.start, hunk.after.length, ...hunk.before);
        expect(lines.join(eol)).toBe(text);
      }),
    );
  },
);
