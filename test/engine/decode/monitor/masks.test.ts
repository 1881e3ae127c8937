import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { restrictionOf } from '../../../../engine/decode/monitor/restriction';
import { createVocabulary, type Vocabulary } from '../../../../engine/decode/monitor/vocabulary';
import { loadTokenizer, type Tokenizer } from '../../../../engine/model/tokenizer';
import type { Legal } from '../../../../engine/monitor';
import { defaultModel } from '../../../support/defaultModel';

let tokenizer: Tokenizer;
let vocabulary: Vocabulary;
const endToken = 0;

beforeAll(async () => {
  tokenizer = await loadTokenizer(defaultModel);
  vocabulary = createVocabulary(tokenizer, new Set([endToken]));
});

const name = fc.oneof(
  fc.constantFrom(
    'get',
    'getAll',
    'items',
    'item',
    'push',
    'x',
    '$',
    '#key',
    'größe',
    'π',
    '名前',
    'toString',
  ),
  fc.stringMatching(/^[a-z_$][a-zA-Z0-9_$]{0,8}$/),
);
const text = (token: number) => Buffer.from(tokenizer.tokenBytes(token));
const textTokens = () =>
  Array.from({ length: tokenizer.vocabSize }, (_, token) => token).filter(
    (token) => tokenizer.tokenBytes(token).length > 0 && !tokenizer.special.has(token),
  );
const isBreak = (byte: number) => byte < 0x80 && !/[\w$#]/.test(String.fromCharCode(byte));

/** Straight from the definition, on bytes. */
function isLegal(words: readonly string[], orOther: boolean, written: Buffer): boolean {
  if (written.length === 0 || (orOther && isBreak(written[0] as number))) return true;
  return words
    .map((word) => Buffer.from(word))
    .some((word) => {
      if (word.subarray(0, written.length).equals(written)) return true;
      const rest = written.subarray(word.length);
      return written.subarray(0, word.length).equals(word) && isBreak(rest[0] as number);
    });
}

describe('the mask of legal words', () => {
  test('allows a token exactly if some legal text begins with it, at any place of a word', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        fc.nat(12),
        (words, orOther, cut) => {
          const restriction = restrictionOf({ kind: 'member', words, orOther }, vocabulary);
          const written = Buffer.from(words[0] ?? '').subarray(0, cut);
          const mask = restriction.mask(written, new Uint8Array());
          for (const token of textTokens()) {
            const expected = isLegal(words, orOther, Buffer.concat([written, text(token)]));
            if ((mask?.[token] === 1) !== expected) throw new Error(`${written}|${text(token)}`);
          }
          const isWhole = words.some((word) => Buffer.from(word).equals(written));
          expect(mask?.[endToken]).toBe(isWhole || (orOther && written.length === 0) ? 1 : 0);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('holds tokens that reach across the place to what may stand behind it, and no others', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('.', '?.', '(.'),
        (words, ahead) => {
          const restriction = restrictionOf({ kind: 'member', words, orOther: false }, vocabulary);
          const before = Buffer.from(ahead);
          const mask = restriction.mask(new Uint8Array(), before);
          for (const token of textTokens()) {
            const bytes = text(token);
            const reaches = bytes.subarray(0, before.length).equals(before);
            const expected = !reaches || isLegal(words, false, bytes.subarray(before.length));
            if ((mask?.[token] === 1) !== expected) throw new Error(`${ahead}|${bytes}`);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  test('ends behind the word, and closed ones end with themselves', () => {
    const member = restrictionOf({ kind: 'member', words: ['get'], orOther: false }, vocabulary);
    expect(member.mask(Buffer.from('get('), new Uint8Array())).toBeUndefined();
    const literal: Legal = { kind: 'literal', words: ["north'", "south'"], orOther: false };
    const closed = restrictionOf(literal, vocabulary);
    expect(closed.takes(Buffer.from("north'x"))).toBe(true);
    expect(closed.takes(Buffer.from('nord'))).toBe(false);
    expect(closed.mask(Buffer.from("north'"), new Uint8Array())).toBeUndefined();
  });
});

describe('the arguments of a call', () => {
  const takes = (least: number, most: number | undefined, written: string) =>
    restrictionOf({ kind: 'call', least, ...(most !== undefined && { most }) }, vocabulary).takes(
      Buffer.from(written),
    );

  test.each([
    [0, 0, ')', true],
    [0, 0, 'a', false],
    [1, 1, ')', false],
    [1, 1, 'a)', true],
    [1, 1, 'a, b)', false],
    [1, 1, 'f(a, b), ', false],
    [1, 1, 'f(a, b))', true],
    [1, 1, '[a, b])', true],
    [1, 1, '{ a, b })', true],
    [1, 1, '(a, b) => a)', true],
    [1, 1, '"a, b")', true],
    [1, 1, "'a\\', b')", true],
    [1, 2, 'a)', true],
    [1, 2, 'a, b)', true],
    [2, 2, 'a)', false],
    [2, 2, 'a, )', false],
    [1, undefined, 'a, b, c, d)', true],
    // Behind the last of several lines a comma may stand, but no argument.
    [1, 1, '\n  a,\n)', true],
    [1, 1, '\n  a,\n  b)', false],
    // What may be no argument at all is not counted.
    [1, 1, 'new Map<string, number>())', true],
    [2, 2, '...all)', true],
    [1, 1, '/a, b/)', true],
    [1, 1, `\`\${a}, b\`)`, true],
    [1, 1, ', a)', false],
  ] as const)('from %s to %s: %s is %s', (least, most, written, expected) => {
    expect(takes(least, most, written)).toBe(expected);
  });

  test('are never a dead end: whatever is legal so far has a legal end', () => {
    const piece = fc.constantFrom(
      'a',
      ', ',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '\\',
      '\n',
      ' ',
      '.',
      '=> ',
    );
    fc.assert(
      fc.property(fc.nat(3), fc.nat(3), fc.array(piece, { maxLength: 12 }), (least, more, pieces) => {
        const legal: Legal = { kind: 'call', least, most: least + more };
        const restriction = restrictionOf(legal, vocabulary);
        let written = '';
        for (const next of pieces) {
          if (!restriction.takes(Buffer.from(written + next))) continue;
          written += next;
          const mask = restriction.mask(Buffer.from(written), new Uint8Array());
          if (mask === undefined) return;
          expect(mask.some((allowed, token) => allowed === 1 && token !== endToken)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});
