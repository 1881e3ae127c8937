import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { segmentsOf } from '../../../engine/model/segments';
import { createStreamDecoder, loadTokenizer, type Tokenizer } from '../../../engine/model/tokenizer';
import { defaultModel } from '../../support/defaultModel';
import { temporaryFolder } from '../../support/folder';
import { sentencePieceTokenizer } from '../../support/sentencePiece';
import { byteTokenizer } from '../../support/tinyModel';

const path = temporaryFolder();

async function folderWith(name: string, json: object): Promise<string> {
  await mkdir(path(name), { recursive: true });
  await writeFile(join(path(name), 'tokenizer.json'), JSON.stringify(json));
  return path(name);
}

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false };
const split = (Regex: string) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false });
const sequence = (...pretokenizers: object[]) => ({ type: 'Sequence', pretokenizers });
/** How the model families split text before merging, over the default model's vocabulary. */
const splitters: Record<string, object | undefined> = {
  'Qwen (the default model)': undefined,
  'GPT-2': { ...byteLevel, use_regex: true },
  StarCoder2: sequence({ type: 'Digits', individual_digits: true }, { ...byteLevel, use_regex: true }),
  'Llama 3': sequence(
    split(
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    ),
    { ...byteLevel, use_regex: false },
  ),
  DeepSeek: sequence(
    split('[\r\n]'),
    split('\\s?\\p{L}+'),
    split('\\s?\\p{P}+'),
    split('[一-龥ࠀ-一가-퟿]+'),
    { type: 'Digits', individual_digits: true },
    { ...byteLevel, use_regex: false },
  ),
};

const fragment = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(' ', '  ', '    ', '\n', '\t', '\r\n', ' \n', '\n\n') },
  {
    weight: 4,
    arbitrary: fc.constantFrom('const', 'x', '=', '==', '(', ')', ';', '{', '}', "it's", '12', '3.5', '//'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('é', 'e\u0301', '日本', '😀', '\u00a0', '\ufeff', 'ſ', "'ll", '<|fim_', '|>'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 5 }) },
);
const source = fc.array(fragment, { maxLength: 60 }).map((fragments) => fragments.join(''));

describe.each(Object.entries(splitters))(
  'encoding by segments with the splitting of %s',
  (name, preTokenizer) => {
    let tokenizer: Tokenizer;
    let library: LibraryTokenizer;
    beforeAll(async () => {
      const json = JSON.parse(await readFile(join(defaultModel, 'tokenizer.json'), 'utf8'));
      if (preTokenizer !== undefined) json.pre_tokenizer = preTokenizer;
      tokenizer = await loadTokenizer(await folderWith(name.replaceAll(/\W/g, ''), json));
      library = new LibraryTokenizer({ ...json, added_tokens: [] }, {});
    });

    test('gives the ids of the whole text', () => {
      const whole = (text: string) => library.encode(text, { add_special_tokens: false }).ids;
      fc.assert(
        fc.property(source, (text) => {
          expect(tokenizer.encode(text)).toEqual(whole(text));
        }),
        { numRuns: 500 },
      );
    });

    test('really cuts: a second encoding of a long text takes a fraction of the first', async () => {
      const text = (await readFile(join(import.meta.dirname, 'tokenizer.test.ts'), 'utf8')).repeat(3);
      expect(segmentsOf(text).length).toBeGreaterThan(100);
      // No two of them share a word; the quickest of several is the one that nothing held up.
      const texts = ['k', 'x', 'q', 'z', 'v'].map((letter) => text.replaceAll(/\w+/g, `$&${letter}`));
      const timed = (each: string) => {
        const started = performance.now();
        tokenizer.encode(each);
        return performance.now() - started;
      };
      const quickest = () => Math.min(...texts.map(timed));
      const first = quickest();
      const again = quickest();

      expect(again).toBeLessThan(first / 2);
    });
  },
);

describe('segments', () => {
  test('make up the text, and an edit in one line leaves the segments of the others', () => {
    fc.assert(
      fc.property(source, (text) => {
        expect(segmentsOf(text).join('')).toBe(text);
      }),
    );
    const lines = Array.from({ length: 40 }, (_, i) => `  const value${i} = compute(${i});`);
    const before = new Set(segmentsOf(lines.join('\n')));
    lines[20] = '  changed = 1;';
    const added = segmentsOf(lines.join('\n')).filter((segment) => !before.has(segment));
    expect(added.length).toBeLessThanOrEqual(2);
  });
});

describe.each([
  ['the default model', async () => defaultModel],
  ['a byte tokenizer', () => folderWith('bytes', byteTokenizer())],
  ['SentencePiece', () => folderWith('sentencepiece', sentencePieceTokenizer(['▁<PRE>']))],
])('the tokenizer of %s', (name, folder) => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    tokenizer = await loadTokenizer(await folder());
  });
  // SentencePiece cannot tell its own space sign from a space.
  const text = fc.oneof(source, fc.string({ unit: 'grapheme' })).filter((each) => !each.includes('▁'));

  test('decodes what it encoded, as text, as bytes and as a stream', () => {
    fc.assert(
      fc.property(text, (original) => {
        const ids = tokenizer.encode(original);
        const stream = createStreamDecoder(tokenizer);
        expect(tokenizer.decode(ids)).toBe(original);
        expect(Buffer.concat(ids.map(tokenizer.tokenBytes)).toString('utf8')).toBe(original);
        expect(ids.map(stream.push).join('')).toBe(original);
      }),
    );
  });

  test('never makes control tokens of text', () => {
    for (const id of tokenizer.special) {
      const spelling = Buffer.from(tokenizer.tokenBytes(id)).toString('utf8');
      const ids = tokenizer.encode(`a${spelling}b`);
      expect(ids.filter((each) => tokenizer.special.has(each))).toEqual([]);
      if (name !== 'SentencePiece') expect(tokenizer.decode(ids)).toBe(`a${spelling}b`);
    }
    expect(tokenizer.special.size).toBeGreaterThan(0);
  });
});

test('SentencePiece text gets no space of its own, and unknown characters become bytes', async () => {
  const tokenizer = await loadTokenizer(await folderWith('sp', sentencePieceTokenizer()));
  const spelled = (text: string) => tokenizer.encode(text).map((id) => tokenizer.decode([id]));
  expect(spelled('foo the')).toEqual(['foo', ' the']);
  expect(tokenizer.encode('\n')).toEqual([tokenizer.idOf('<0x0A>')]);
  expect(tokenizer.tokenBytes(tokenizer.idOf('<0x0A>') ?? -1)).toEqual(Uint8Array.of(10));
  expect(tokenizer.tokenBytes(tokenizer.idOf('▁▁') ?? -1)).toEqual(Uint8Array.of(32, 32));
});

test('a vocabulary with tokens across a cut is not cut', async () => {
  const json = sentencePieceTokenizer([], ['o ▁', 'o▁ x']);
  const tokenizer = await loadTokenizer(await folderWith('across', json));
  expect(tokenizer.encode('o x')).toEqual([tokenizer.idOf('o▁x')]);
});

test('control tokens without the special flag are known by their spelling, other added tokens are text', async () => {
  const json = byteTokenizer(['<|fim_prefix|>', '<fim_middle>', '<h1>', 'õ']);
  const added = 'added_tokens' in json && Array.isArray(json.added_tokens) ? json.added_tokens : [];
  const unflagged = added.map((token: object) => ({ ...token, special: false }));
  const tokenizer = await loadTokenizer(await folderWith('unflagged', { ...json, added_tokens: unflagged }));
  expect([...tokenizer.special]).toEqual([256, 257]);
  expect(tokenizer.encode('<h1>õ')).toEqual([258, 259]);
  expect(tokenizer.decode([258, 259])).toBe('<h1>õ');
  expect(tokenizer.encode('<|fim_prefix|>')).toHaveLength('<|fim_prefix|>'.length);
});

test('a character comes out of the stream with its last byte, and a byte order mark is kept', async () => {
  const tokenizer = await loadTokenizer(await folderWith('stream', byteTokenizer()));
  const stream = createStreamDecoder(tokenizer);
  expect([...Buffer.from('\ufeff😀')].map(stream.push)).toEqual(['', '', '\ufeff', '', '', '', '😀']);
});

test('ids without a token are not usable', async () => {
  const tokenizer = await loadTokenizer(await folderWith('usable', byteTokenizer()), { vocabSize: 320 });
  expect(tokenizer.vocabSize).toBe(263);
  expect([262, 263, 319].map(tokenizer.isUsable)).toEqual([true, false, false]);
  expect(tokenizer.tokenBytes(300)).toHaveLength(0);
});

test('what is wrong with a tokenizer is said', async () => {
  const load = async (name: string, json: object, vocabSize = 1000) =>
    loadTokenizer(await folderWith(name, json), { vocabSize });
  await expect(load('small', byteTokenizer(), 262)).rejects.toMatchObject({
    code: 'model-mismatch',
    message: expect.stringMatching(/ids up to 262 .* vocab_size of 262/),
  });
  await expect(load('wordpiece', { model: { type: 'WordPiece', vocab: {} } })).rejects.toMatchObject({
    code: 'model-unsupported',
  });
  await expect(
    load('unknown-step', { ...byteTokenizer(), normalizer: { type: 'Rot13' } }),
  ).rejects.toMatchObject({ code: 'model-unsupported', message: expect.stringContaining('Rot13') });
  await expect(loadTokenizer(path('nowhere'))).rejects.toMatchObject({
    code: 'model-missing',
    message: expect.stringContaining('tokenizer.json'),
  });
});
