import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';

const pieces = fc
  .array(fc.constantFrom('a', 'é', '😀', '\n', '\r\n', ' ', '}'), { maxLength: 12 })
  .map((parts) => parts.join(''));
const edit = fc.record({ from: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(6), text: pieces });

/** The plain way to find a position: count the line ends before it. */
function positionAt(text: string, offset: number) {
  const lines = text.slice(0, offset).split(/\r\n|\n|\r/);
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

/** LSP cannot express a place inside a `\r\n`, and no client sends one inside a surrogate pair. */
function expressible(text: string, offset: number): number {
  const pair = text.slice(offset - 1, offset + 1);
  return pair === '\r\n' || pair === '😀' ? offset - 1 : offset;
}

describe('documents under incremental edits', () => {
  it('stay equal to a plain string, with CRLF and surrogate pairs', () => {
    fc.assert(
      fc.property(pieces, fc.array(edit, { maxLength: 30 }), (start, edits) => {
        let text = start;
        const document = TextDocument.create('file:///a', 'typescript', 0, start);
        for (const { from, length, text: inserted } of edits) {
          const begin = expressible(text, Math.floor(from * text.length));
          const end = Math.max(begin, expressible(text, Math.min(text.length, begin + length)));
          const range = { start: positionAt(text, begin), end: positionAt(text, end) };
          TextDocument.update(document, [{ range, text: inserted }], document.version + 1);
          text = text.slice(0, begin) + inserted + text.slice(end);
          expect(document.getText()).toBe(text);
          expect(document.lineCount).toBe(text.split(/\r\n|\n|\r/).length);
          const middle = expressible(text, Math.floor(text.length / 2));
          expect(document.offsetAt(positionAt(text, middle))).toBe(middle);
        }
      }),
      { numRuns: 500 },
    );
  });
});
