import { beforeEach, describe, expect, it } from 'vitest';
import { createDocumentHistory, type DocumentHistory } from '../../../server/documents/history';

let warnings: string[];
let history: DocumentHistory;
beforeEach(() => {
  warnings = [];
  history = createDocumentHistory((message) => warnings.push(message));
});

const open = (name: string, text: string) => history.create(`file:///${name}`, 'typescript', 1, text);
const range = (line: number, from: number, to: number) => ({
  start: { line, character: from },
  end: { line, character: to },
});
const ids = (name: string) => history.copySources(`file:///${name}`).map(({ id }) => id);

describe('what may be copied from', () => {
  it('is what was deleted here, then the other documents, most recently used first', () => {
    const a = open('a.ts', 'const something = 1;\r\n');
    open('b.ts', 'b');
    const c = open('c.ts', 'c');
    history.update(c, [{ range: range(0, 0, 0), text: 'c' }], 2);
    history.use('file:///b.ts');
    history.update(a, [{ range: range(0, 0, 20), text: '' }], 2);
    expect(history.copySources('file:///a.ts')).toMatchObject([
      { id: 'deleted:file:///a.ts#0', text: 'const something = 1;' },
      { id: 'file:///b.ts', text: 'b' },
      { id: 'file:///c.ts', text: 'cc' },
    ]);
  });

  it('has no secrets, nothing binary, nothing empty, nothing unknown, nothing closed', () => {
    open('a.ts', 'a');
    for (const name of ['.env', 'deploy/key.pem', '.ssh/config']) open(name, 'TOKEN=1');
    open('binary', 'a\0b');
    open('empty', ' \n');
    const unknown = open('unknown.ts', 'text');
    history.update(unknown, [null], 2);
    open('closed.ts', 'text');
    history.close('file:///closed.ts');
    expect(ids('a.ts')).toEqual([]);
  });

  it('has at most six documents and 64 K of each, around the last edit', () => {
    for (let number = 0; number < 9; number++) open(`${number}.ts`, `${number}`);
    expect(ids('8.ts')).toEqual([7, 6, 5, 4, 3, 2].map((number) => `file:///${number}.ts`));
    const large = open('large.ts', 'x'.repeat(200_000));
    history.update(large, [{ range: range(0, 150_000, 150_000), text: 'here' }], 2);
    const [source] = history.copySources('file:///8.ts');
    expect(source?.text).toHaveLength(32 * 1024);
    expect(source?.text).toContain('here');
  });

  it('has a new version after every change, and also when a document is opened again', () => {
    open('a.ts', 'a');
    const b = open('b.ts', 'b');
    const version = () => history.copySources('file:///a.ts')[0]?.version ?? Number.NaN;
    const first = version();
    expect(version()).toBe(first);
    history.update(b, [{ text: 'c' }], 2);
    const second = version();
    history.close('file:///b.ts');
    open('b.ts', 'd');
    expect(new Set([first, second, version()]).size).toBe(3);
  });

  it('is in the line ending of the prompt', () => {
    open('a.ts', 'a');
    open('b.ts', 'b\r\nb');
    expect(history.copySources('file:///a.ts')[0]?.text).toBe('b\nb');
  });
});

describe('a document whose changes do not fit', () => {
  const insert = { range: range(0, 0, 0), text: 'x' };

  it.each<[string, unknown[], number]>([
    ['a version that was there before', [insert], 5],
    ['a version that goes back', [insert], 4],
    ['a range that begins far outside', [{ range: range(7, 0, 0), text: 'x' }], 6],
    ['something that is no change', [null], 6],
  ])('is unknown after %s, until all of it is sent', (_, changes, version) => {
    const document = history.create('file:///a.ts', 'typescript', 5, 'text');
    const before = document.version;
    history.update(document, changes, version);
    expect(document.getText()).toBe('text');
    // Whatever runs for the old text is out of date.
    expect(document.version).toBeGreaterThan(before);
    expect(history.problem('file:///a.ts')).toMatch(
      /^The text of this document is not known .*; close and open/,
    );

    history.update(document, [insert], 7);
    expect(document.getText()).toBe('text');
    expect(history.problem('file:///a.ts')).toBeDefined();
    expect(warnings).toHaveLength(1);

    history.update(document, [null, insert, { text: 'whole' }, insert], 8);
    expect(document.getText()).toBe('xwhole');
    expect(history.problem('file:///a.ts')).toBeUndefined();
    history.update(document, [insert], 9);
    expect(document.getText()).toBe('xxwhole');
  });

  it('is known again when it is opened again', () => {
    const document = open('a.ts', 'text');
    history.update(document, [null], 2);
    open('a.ts', 'text');
    expect(history.problem('file:///a.ts')).toBeUndefined();
  });

  it('may skip versions, or not count at all', () => {
    const document = open('a.ts', '');
    for (const version of [2, 9, Number.NaN, 10]) {
      const before = document.version;
      history.update(document, [insert], version);
      expect(document.version).toBeGreaterThan(before);
    }
    expect(document.getText()).toBe('xxxx');
    expect(history.problem('file:///a.ts')).toBeUndefined();
  });
});
