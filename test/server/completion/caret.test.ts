import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { caretContext } from '../../../server/completion/caret';
import { caretIn } from './pictures';

const open = (text: string) => TextDocument.create('file:///a.ts', 'typescript', 1, text);

describe('caretContext', () => {
  it('shows the model line feeds whatever the document has', () => {
    const caret = caretIn('a\r\nb║c\r\nd');
    expect(caret).toEqual({
      prefix: 'a\nb',
      suffix: 'c\nd',
      linePrefix: 'b',
      lineSuffix: 'c',
      lineEnding: '\r\n',
    });
  });

  it('takes the line ending next to the caret', () => {
    expect(caretIn('a\nb\r\n║\n').lineEnding).toBe('\r\n');
    expect(caretIn('a\r\nb\n║\r\n').lineEnding).toBe('\n');
    expect(caretIn('║a\r\n').lineEnding).toBe('\r\n');
    expect(caretIn('a║').lineEnding).toBe('\n');
  });

  it('completes as if the selected suggestion had been accepted', () => {
    const document = open('console.lo(x)');
    const range = { start: { line: 0, character: 8 }, end: { line: 0, character: 10 } };
    const caret = caretContext(document, range.end, 2048, { range, text: 'log' });
    expect([caret.prefix, caret.suffix]).toEqual(['console.log', '(x)']);
  });

  it('clips a large file, at the start of a line, and the same way while somebody types', () => {
    const line = 'const value = compute(1, 2, 3);\n';
    const text = line.repeat(40_000);
    const document = open(text);
    const at = (line: number, character: number) => caretContext(document, { line, character }, 2048);
    const first = at(20_000, 3);
    expect(first.prefix.length).toBeGreaterThan(28 * 1024);
    expect(first.prefix.length).toBeLessThanOrEqual(33 * 1024);
    expect(first.suffix.length).toBeLessThanOrEqual(36 * 1024);
    expect(first.prefix.startsWith('const')).toBe(true);
    expect(at(20_000, 9).suffix.endsWith(first.suffix.slice(-1000))).toBe(true);
    expect(at(20_000, 9).prefix.startsWith(first.prefix)).toBe(true);
    expect(at(20_010, 3).prefix.slice(0, 1000)).toBe(first.prefix.slice(0, 1000));
  });

  it('never cuts a character in two', () => {
    const text = `a${'😀'.repeat(100_000)}`;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (character) => {
        const { prefix, suffix } = caretContext(open(text), { line: 0, character: 1 + character * 2 }, 2048);
        // Splitting by code points: a lone surrogate would be another character.
        expect(new Set([...prefix, ...suffix, 'a'])).toEqual(new Set(['a', '😀']));
      }),
      { numRuns: 20 },
    );
  });
});
