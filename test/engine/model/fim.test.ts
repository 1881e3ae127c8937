import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { assembleFim, detectFim, placeContext, snippetIds } from '../../../engine/model/fim';
import { loadTokenizer } from '../../../engine/model/tokenizer';
import { temporaryFolder } from '../../support/folder';
import { sentencePieceTokenizer } from '../../support/sentencePiece';
import { byteTokenizer } from '../../support/tinyModel';

const path = temporaryFolder();
let folders = 0;

async function model(tokenizerJson: object, card?: string) {
  const dir = path(`model-${folders++}`);
  await mkdir(dir);
  await writeFile(join(dir, 'tokenizer.json'), JSON.stringify(tokenizerJson));
  if (card !== undefined) await writeFile(join(dir, 'README.md'), card);
  const tokenizer = await loadTokenizer(dir);
  const detect = () => detectFim(tokenizer, { eosTokenIds: [3] }, dir);
  return { tokenizer, detect };
}

const qwen = [
  '<|endoftext|>',
  '<|fim_prefix|>',
  '<|fim_middle|>',
  '<|fim_suffix|>',
  '<|fim_pad|>',
  '<|file_sep|>',
];
const starcoder = ['<|endoftext|>', '<fim_prefix>', '<fim_middle>', '<fim_suffix>', '<file_sep>'];
const granite = ['<|endoftext|>', '<fim_prefix>', '<fim_middle>', '<fim_suffix>', '<filename>'];
const deepseek = ['<｜begin▁of▁sentence｜>', '<｜fim▁begin｜>', '<｜fim▁hole｜>', '<｜fim▁end｜>'];
const codegemma = ['<bos>', '<|fim_prefix|>', '<|fim_middle|>', '<|fim_suffix|>', '<|file_separator|>'];
const codellama = ['▁<PRE>', '▁<MID>', '▁<SUF>', '▁<EOT>'];
const codestral = ['[PREFIX]', '[MIDDLE]', '[SUFFIX]'];

describe('prompts as the families were trained', () => {
  const context = [{ path: 'a.ts', text: 'one' }];
  const cases: [string, object, string | undefined, string, string][] = [
    [
      'qwen2.5-coder',
      byteTokenizer(qwen),
      undefined,
      '<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>',
      '<|file_sep|>a.ts\none\n<|file_sep|>b.ts\n<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>',
    ],
    [
      'qwen2.5-coder',
      byteTokenizer(qwen),
      'fim_order: spm',
      '<|fim_prefix|><|fim_suffix|>S<|fim_middle|>P',
      '<|file_sep|>a.ts\none\n<|file_sep|>b.ts\n<|fim_prefix|><|fim_suffix|>S<|fim_middle|>P',
    ],
    [
      'starcoder2',
      byteTokenizer(starcoder),
      undefined,
      '<fim_prefix>P<fim_suffix>S<fim_middle>',
      '<file_sep>a.ts\none\n<file_sep><fim_prefix>b.ts\nP<fim_suffix>S<fim_middle>',
    ],
    [
      'granite',
      byteTokenizer(granite),
      undefined,
      '<fim_prefix>P<fim_suffix>S<fim_middle>',
      '<filename>a.ts\none\n<filename>b.ts\n<fim_prefix>P<fim_suffix>S<fim_middle>',
    ],
    [
      'deepseek-coder',
      byteTokenizer(deepseek),
      undefined,
      '<｜begin▁of▁sentence｜><｜fim▁begin｜>P<｜fim▁hole｜>S<｜fim▁end｜>',
      '<｜begin▁of▁sentence｜><｜fim▁begin｜>#a.ts\none\n#b.ts\nP<｜fim▁hole｜>S<｜fim▁end｜>',
    ],
    [
      'codegemma',
      byteTokenizer(codegemma),
      undefined,
      '<bos><|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>',
      '<bos><|file_separator|>a.ts\none\n<|file_separator|>b.ts\n<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>',
    ],
    [
      'codellama',
      sentencePieceTokenizer(codellama),
      undefined,
      '<s>▁<PRE>P▁<SUF>S▁<MID>',
      '<s>▁<PRE># a.ts\none\n# b.ts\nP▁<SUF>S▁<MID>',
    ],
    [
      'codellama',
      sentencePieceTokenizer(codellama),
      'fim_order: SPM # as measured',
      '<s>▁<PRE>▁<SUF>S▁<MID>P',
      '<s>▁<PRE>▁<SUF>S▁<MID># a.ts\none\n# b.ts\nP',
    ],
    [
      'codestral',
      sentencePieceTokenizer(codestral),
      'fim_order: psm',
      '<s>[SUFFIX]S[PREFIX]P',
      '<s>[SUFFIX]S[PREFIX]+++++ a.ts\none\n+++++ b.ts\nP',
    ],
  ];
  test.each(cases)('%s', async (family, tokenizerJson, frontMatter, alone, withContext) => {
    const card = frontMatter && `---\nlicense: mit\n${frontMatter}\n---\n\n# Card\nfim_order: wrong place\n`;
    const { tokenizer, detect } = await model(tokenizerJson, card);
    const format = await detect();
    if (format === undefined) throw new Error('no format found');
    const prefix = tokenizer.encode('P');
    const suffix = tokenizer.encode('S');
    const plain = assembleFim(format, prefix, suffix);
    const snippets = context.map((snippet) => snippetIds(format, tokenizer, snippet));
    const full = assembleFim(format, prefix, suffix, placeContext(format, tokenizer, snippets, 'b.ts'));
    expect(format.family).toBe(family);
    expect(tokenizer.decode(plain.ids)).toBe(alone);
    expect(tokenizer.decode(full.ids)).toBe(withContext);
    for (const { ids, prefixStart, suffixStart } of [plain, full]) {
      expect(ids[prefixStart]).toBe(prefix[0]);
      expect(ids[suffixStart]).toBe(suffix[0]);
    }
    expect(format.endTokens).toEqual(expect.arrayContaining([3, ...tokenizer.special]));
  });
});

test('a model without fill-in-the-middle tokens has no format', async () => {
  const { detect } = await model(byteTokenizer(['<|endoftext|>', '<|fim_prefix|>']));
  expect(await detect()).toBeUndefined();
});

test('an order that does not exist is an error, and a card without front matter says nothing', async () => {
  const wrong = await model(byteTokenizer(qwen), '---\nfim_order: mps\n---\n');
  await expect(wrong.detect()).rejects.toMatchObject({
    code: 'model-corrupt',
    message: expect.stringMatching(/README\.md .*"mps".*psm or spm/),
  });
  const without = await model(byteTokenizer(qwen), '# Card\n\nfim_order: spm\n');
  expect((await without.detect())?.order).toBe('psm');
});
