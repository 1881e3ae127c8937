import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { detectFim, type FimFormat } from '../../engine/model/fim';
import { loadTokenizer, type Tokenizer } from '../../engine/model/tokenizer';
import { buildPrompt, type Prompt, type PromptModel, segmentsOf } from '../../engine/prompt';
import { defaultModel } from '../support/defaultModel';
import { temporaryFolder } from '../support/folder';
import { sentencePieceTokenizer } from '../support/sentencePiece';

const path = temporaryFolder();
const code = readFileSync(join(import.meta.dirname, '../../engine/prompt.ts'), 'utf8');
let tokenizer: Tokenizer;
let spm: FimFormat;
let psm: FimFormat;

beforeAll(async () => {
  tokenizer = await loadTokenizer(defaultModel);
  const format = await detectFim(tokenizer, { eosTokenIds: [] }, defaultModel);
  if (format === undefined) throw new Error('the default model fills in the middle');
  spm = { ...format, order: 'spm' };
  psm = { ...format, order: 'psm' };
});

const build = (
  fim: FimFormat | undefined,
  prefix: string,
  suffix: string,
  budget: number,
  previous?: Prompt,
) => buildPrompt({ tokenizer, fim }, { prefix, suffix, context: [] }, budget, previous);

const line = fc.constantFrom(
  'const a = 1;',
  '  return foo(bar, 12);',
  '',
  '}',
  '// 日本語 😀 comment',
  'x'.repeat(300),
);
const text = fc.oneof(
  { weight: 5, arbitrary: fc.array(line, { maxLength: 120 }).map((lines) => lines.join('\n')) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }).map((part) => part.repeat(50)) },
);
const budgets = fc.integer({ min: 16, max: 600 });

describe('the segments of a prompt', () => {
  const kinds = (fim: FimFormat, isNamed: boolean) => {
    const context = isNamed ? [{ path: 'other.ts', text: 'export const other = 1;\n'.repeat(4) }] : [];
    const parts = { prefix: code.slice(0, 800), suffix: code.slice(800), context, path: 'prompt.ts' };
    const prompt = buildPrompt({ tokenizer, fim }, parts, 400);
    const segments = segmentsOf(prompt);
    const told = segments.reduce((sum, { tokens }) => sum + tokens, 0);
    expect(prompt.ids.length - told).toBeLessThan(6);
    expect(segments.find(({ kind }) => kind === 'suffix')?.omitted).toBe(prompt.suffix.omitted);
    return segments.map(({ kind }) => kind);
  };

  test('come in the order in which the model reads them', () => {
    expect(kinds(psm, false)).toEqual(['prefix', 'suffix']);
    expect(kinds(spm, false)).toEqual(['suffix', 'prefix']);
    expect(kinds({ ...psm, fileSeparator: undefined }, true)).toEqual(['context', 'prefix', 'suffix']);
    expect(kinds({ ...spm, fileSeparator: undefined }, true)).toEqual(['suffix', 'context', 'prefix']);
    expect(kinds({ ...spm, fileSeparator: 1 }, true)).toEqual(['context', 'suffix', 'prefix']);
  });
});

describe('a prompt', () => {
  test('of a model that cannot fill in the middle is never empty, where the end of a text is known', () => {
    const ids = (prefix: string, bos?: number) =>
      buildPrompt({ tokenizer, fim: undefined, bos, eos: 2 }, { prefix, suffix: ';', context: [] }, 64).ids;
    expect(ids('')).toEqual([2]);
    expect(ids('', 1)).toEqual([1]);
    expect(ids('x')).toEqual(tokenizer.encode('x'));
  });

  test('stays within its budget and shows what is next to the caret, whatever came before it', () => {
    const previous = fc.option(fc.tuple(text, text), { nil: undefined });
    fc.assert(
      fc.property(text, text, budgets, fc.boolean(), previous, (prefix, suffix, budget, isSpm, old) => {
        const fim = isSpm ? spm : psm;
        const prompt = build(fim, prefix, suffix, budget, old && build(fim, old[0], old[1], budget));
        expect(prompt.ids.length).toBeLessThanOrEqual(budget);
        expect(prefix.endsWith(prompt.prefix.text)).toBe(true);
        expect(suffix.startsWith(prompt.suffix.text)).toBe(true);
        expect(prompt.prefix.omitted).toBe(prefix.length - prompt.prefix.text.length);
        const { ids, prefixStart, suffixStart, prefixTokens, suffixTokens } = prompt;
        const decoded = (start: number, count: number) => tokenizer.decode(ids.slice(start, start + count));
        expect(decoded(prefixStart, prefixTokens)).toBe(prompt.prefix.text);
        expect(decoded(suffixStart, suffixTokens)).toBe(prompt.suffix.text);
        expect(ids.length).toBe(prefixTokens + suffixTokens + 3);
      }),
      { numRuns: 300 },
    );
  });

  test('has its parts in the order of the format', () => {
    const names = (prompt: Prompt) => tokenizer.decode(prompt.ids);
    expect(names(build(psm, 'a', 'b', 100))).toBe('<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>');
    expect(names(build(spm, 'a', 'b', 100))).toBe('<|fim_prefix|><|fim_suffix|>b<|fim_middle|>a');
    expect(names(build(spm, '', '', 100))).toBe('<|fim_prefix|><|fim_suffix|><|fim_middle|>');
    const plain: PromptModel = { tokenizer, fim: undefined, bos: 8185 };
    expect(names(buildPrompt(plain, { prefix: 'a', suffix: 'b', context: [] }, 100))).toBe('<|endoftext|>a');
  });

  test('has the leading space that CodeLlama was trained with, before the prefix only', async () => {
    const dir = path('codellama');
    await mkdir(dir);
    const json = sentencePieceTokenizer(['▁<PRE>', '▁<MID>', '▁<SUF>']);
    await writeFile(join(dir, 'tokenizer.json'), JSON.stringify(json));
    const codellama = await loadTokenizer(dir);
    const fim = await detectFim(codellama, { eosTokenIds: [] }, dir);
    const parts = { prefix: 'the', suffix: 'foo', context: [] };
    const { ids } = buildPrompt({ tokenizer: codellama, fim }, parts, 100);
    const expected = ['<s>', '▁<PRE>', '▁the', '▁<SUF>', 'foo', '▁<MID>'];
    expect(ids).toEqual(expected.map(codellama.idOf));
  });

  test('gives a quarter to the suffix, and what one side leaves to the other', () => {
    const long = code.repeat(4);
    const both = build(psm, long, long, 1000);
    expect(both.prefixTokens).toBeGreaterThan(500);
    expect(both.prefixTokens).toBeLessThanOrEqual(750);
    expect(both.suffixTokens).toBeGreaterThan(150);
    expect(both.suffixTokens).toBeLessThanOrEqual(250);
    const atEnd = build(psm, long, '', 1000);
    expect(atEnd.prefixTokens).toBeGreaterThan(700);
    const atStart = build(psm, 'let a = ', long, 1000);
    expect(atStart.suffixTokens).toBeGreaterThan(700);
  });

  test('starts and ends at whole lines, but cuts a gigantic one', () => {
    const { prefix, suffix } = build(spm, code, code, 400);
    expect(code.at(prefix.omitted - 1)).toBe('\n');
    expect(prefix.omitted).toBeGreaterThan(0);
    expect(suffix.text.endsWith('\n')).toBe(true);
    const minified = build(spm, 'a.b(c);'.repeat(20_000), 'd[e]+'.repeat(20_000), 400);
    expect(minified.prefixTokens).toBeGreaterThan(200);
    expect(minified.suffixTokens).toBeGreaterThan(40);
    const faces = build(spm, '😀'.repeat(5000), '😀'.repeat(5000), 101);
    expect(`${faces.prefix.text} ${faces.suffix.text}`).not.toMatch(/\p{Cs}/u);
    expect(faces.prefixTokens).toBeGreaterThan(10);
  });
});

describe('while one types', () => {
  const long = code.repeat(5);
  const typed = code.slice(500, 2500);

  test.each(['psm', 'spm'] as const)(
    'the windows move seldom and the tokens before the last word stay (%s)',
    (order) => {
      const fim = order === 'psm' ? psm : spm;
      const before = long.slice(0, 20_000);
      const after = `\n${long.slice(20_000)}`;
      let previous = build(fim, before, after, 1000);
      let moves = 0;
      let shortestStay = Number.POSITIVE_INFINITY;
      let lastMove = 0;
      for (let length = 1; length <= typed.length; length++) {
        const prompt = build(fim, before + typed.slice(0, length), after, 1000, previous);
        if (prompt.prefix.omitted === previous.prefix.omitted) {
          const keptUntil = previous.prefixStart + previous.prefixTokens - 6;
          expect(prompt.ids.slice(0, keptUntil)).toEqual(previous.ids.slice(0, keptUntil));
        } else {
          moves++;
          shortestStay = Math.min(shortestStay, length - lastMove);
          lastMove = length;
        }
        expect(prompt.suffix.omitted).toBe(previous.suffix.omitted);
        previous = prompt;
      }
      // 2,000 characters are about 50 lines and 600 tokens.
      expect(moves).toBeGreaterThan(0);
      expect(moves).toBeLessThanOrEqual(10);
      expect(shortestStay).toBeGreaterThan(150);
    },
  );

  test('a new window leaves room to type', () => {
    for (let caret = 5000; caret < 9000; caret += 97) {
      const { ids } = build(spm, long.slice(0, caret), long.slice(caret), 400);
      expect(ids.length).toBeLessThanOrEqual(400 * (7 / 8) + 3);
    }
  });

  test('an edit far above moves the window along with its text', () => {
    const earlier = long.slice(0, -80);
    const first = build(spm, long, '', 500, build(spm, earlier, '', 500));
    // Otherwise a fresh choice would pass for a kept one.
    expect(build(spm, long, '', 500).prefix.omitted).not.toBe(first.prefix.omitted);
    const edited = build(spm, `import { x } from 'y';\n${long}`, '', 500, first);
    expect(edited.prefix.text).toBe(first.prefix.text);
    expect(edited.ids).toEqual(first.ids);
    const removed = build(spm, long.slice(long.indexOf('\n', 100) + 1), '', 500, first);
    expect(removed.ids).toEqual(first.ids);
  });

  test('a caret that goes far away gets windows of its own', () => {
    const atEnd = build(psm, long, '', 500);
    const caret = long.indexOf('\n', 9000) + 1;
    const jumped = build(psm, long.slice(0, caret), long.slice(caret), 500, atEnd);
    expect(jumped.prefixTokens).toBeGreaterThan(200);
    expect(jumped.suffixTokens).toBeGreaterThan(60);
  });

  test('only the neighbourhood of the caret is encoded, however long the document', () => {
    let encoded = 0;
    const counting: Tokenizer = {
      ...tokenizer,
      encode(part) {
        encoded += part.length;
        return tokenizer.encode(part);
      },
    };
    const model = { tokenizer: counting, fim: spm };
    const huge = code.repeat(Math.ceil(1_000_000 / code.length));
    const first = buildPrompt(model, { prefix: huge, suffix: huge, context: [] }, 2000);
    expect(encoded).toBeLessThan(100_000);
    encoded = 0;
    buildPrompt(model, { prefix: `${huge}x`, suffix: huge, context: [] }, 2000, first);
    expect(encoded).toBeLessThan(10_000);
  });
});

describe('context from other files', () => {
  const snippets = [
    { path: 'src/first.ts', text: 'export const first = 1;\n' },
    { path: 'src/second.ts', text: code },
  ];
  test('takes at most its share, in order, with the last file cut at a line', () => {
    const parts = { prefix: code, suffix: code, context: snippets, path: 'src/here.ts' };
    const prompt = buildPrompt({ tokenizer, fim: spm }, parts, 800);
    const shown = tokenizer.decode(prompt.ids);
    expect(prompt.ids.length).toBeLessThanOrEqual(800);
    expect(prompt.contextTokens).toBeGreaterThan(120);
    expect(prompt.contextTokens).toBeLessThanOrEqual(200);
    expect(
      shown.startsWith('<|file_sep|>src/first.ts\nexport const first = 1;\n<|file_sep|>src/second.ts\n'),
    ).toBe(true);
    expect(shown).toContain(`\n<|file_sep|>src/here.ts\n<|fim_prefix|>`);
  });

  test('none given takes none, and none that fits is left out whole', () => {
    expect(build(spm, code, code, 400).contextTokens).toBe(0);
    const crowded = { prefix: 'a', suffix: 'b', context: snippets, path: 'src/here.ts' };
    const prompt = buildPrompt({ tokenizer, fim: spm }, crowded, 40);
    expect(prompt.contextTokens).toBe(0);
    expect(tokenizer.decode(prompt.ids)).toBe('<|fim_prefix|><|fim_suffix|>b<|fim_middle|>a');
  });
});
