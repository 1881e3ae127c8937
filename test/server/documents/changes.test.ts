import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { applyChanges, type Replacement } from '../../../server/documents/changes';

const lineEnds = /\r\n|\n|\r/g;
const lineCount = (text: string) => text.split(lineEnds).length;

/** The plain way to find an offset: walk over the line ends; a column behind the end of its line is that end. */
function offsetOf(text: string, line: number, character: number): number {
  const ends = [...text.matchAll(lineEnds)];
  const before = ends[line - 1];
  if (line > 0 && before === undefined) return text.length;
  const start = before === undefined ? 0 : before.index + before[0].length;
  return Math.min(start + character, ends[line]?.index ?? text.length);
}

function naive(text: string, change: Change): string {
  if (change.range === undefined) return change.text;
  const { start, end } = change.range;
  const ends = [offsetOf(text, start.line, start.character), offsetOf(text, end.line, end.character)];
  return text.slice(0, Math.min(...ends)) + change.text + text.slice(Math.max(...ends));
}

interface Place {
  readonly line: number;
  readonly character: number;
}
interface Change {
  readonly range?: { readonly start: Place; readonly end: Place };
  readonly text: string;
}

const text = fc
  .array(fc.constantFrom('ab', 'é', '😀', '\n', '\r\n', '\r', ' ', '}'), { maxLength: 12 })
  .map((parts) => parts.join(''));
/** Also outside the document, backwards, overlapping and out of order. */
const place: fc.Arbitrary<Place> = fc.record({ line: fc.nat(9), character: fc.nat(9) });
const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ range: fc.record({ start: place, end: place }), text }) },
  { weight: 1, arbitrary: fc.record({ text }) },
);

describe('applyChanges', () => {
  it('gives what one replacement after another gives in a plain text, until one begins outside', () => {
    fc.assert(
      fc.property(text, fc.array(change, { maxLength: 20 }), (start, changes) => {
        let expected = start;
        const document = TextDocument.create('file:///a', 'typescript', 1, start);
        for (const [index, each] of changes.entries()) {
          const line = Math.min(each.range?.start.line ?? 0, each.range?.end.line ?? 0);
          const isOutside = line > lineCount(expected);
          const problem = applyChanges(document, [each], index + 2, () => {});
          expect(problem === undefined).toBe(!isOutside);
          if (!isOutside) expected = naive(expected, each);
          expect(document.getText()).toBe(expected);
          expect(document.lineCount).toBe(lineCount(expected));
          for (let row = 0; row < document.lineCount; row++) {
            expect(document.offsetAt({ line: row, character: 1 })).toBe(offsetOf(expected, row, 1));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('tells each edit so that what was removed can be put back', () => {
    fc.assert(
      fc.property(text, fc.array(change, { maxLength: 20 }), (start, changes) => {
        const document = TextDocument.create('file:///a', 'typescript', 1, start);
        const told: Replacement[] = [];
        applyChanges(document, changes, 2, (replacement) => told.push(replacement));
        const back = told.reverse().reduce((now, { start: at, removed, inserted, before }) => {
          expect(now.slice(at, at + inserted.length)).toBe(inserted);
          expect(now.slice(Math.max(0, at - 128), at)).toBe(before);
          return now.slice(0, at) + removed + now.slice(at + inserted.length);
        }, document.getText());
        expect(back).toBe(start);
      }),
      { numRuns: 500 },
    );
  });

  it('stops at what is no change, and says so', () => {
    const at = (line: unknown, character: unknown) => ({ line, character });
    for (const wrong of [
      null,
      'text',
      {},
      { text: 1 },
      { text: 'x', range: null },
      { text: 'x', range: { start: at(0, 0) } },
      { text: 'x', range: { start: at(0, 0), end: at(0, 0.5) } },
      { text: 'x', range: { start: at(-1, 0), end: at(0, 0) } },
      { text: 'x', range: { start: at(0, '0'), end: at(0, 0) } },
      { text: 'x', range: { start: at(Number.NaN, 0), end: at(0, 0) } },
      { text: 'x', range: { start: at(3, 0), end: at(9, 0) } },
    ]) {
      const document = TextDocument.create('file:///a', 'typescript', 1, 'a\nb');
      const changes = [{ text: 'c\nd' }, wrong, { text: 'never' }];
      expect(applyChanges(document, changes, 2, () => {})).toMatch(/^a change /);
      expect(document.getText()).toBe('c\nd');
    }
  });
});
