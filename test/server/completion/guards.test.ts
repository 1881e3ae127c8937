import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { largestDocument, refuseDocument, refusePosition } from '../../../server/completion/guards';
import { defaultSettings } from '../../../server/protocol';

const open = (text: string, languageId = 'typescript') =>
  TextDocument.create('file:///a', languageId, 1, text);
const reason = (text: string, languageId?: string) =>
  refuseDocument(open(text, languageId), defaultSettings)?.reason;

describe('refuseDocument', () => {
  it('lets text through', () => {
    expect(reason('const a = 1;')).toBeUndefined();
    expect(reason('const a = 1;\n'.repeat(100_000))).toBeUndefined();
  });

  it('names what stands in the way', () => {
    expect(reason('words', 'plaintext')).toBe('language-off');
    expect(reason('x'.repeat(largestDocument + 1))).toBe('file-too-large');
    expect(reason('MZ\0\0')).toBe('file-binary');
  });
});

describe('refusePosition', () => {
  const document = open('ab\r\n😀');
  const at = (line: number, character: number) => refusePosition(document, { line, character })?.reason;

  it('takes places in the document, and columns beyond the end of a line for that end', () => {
    for (const [line, character] of [
      [0, 0],
      [0, 2],
      [0, 99],
      [1, 0],
      [1, 2],
    ] as const) {
      expect(at(line, character)).toBeUndefined();
    }
  });

  it('refuses the rest without throwing', () => {
    for (const [line, character] of [
      [2, 0],
      [-1, 0],
      [0, -1],
      [0.5, 0],
      [Number.NaN, 0],
      [1, 1],
      [1e12, 0],
    ] as const) {
      expect(at(line, character)).toBe('position-outside-document');
    }
  });
});
