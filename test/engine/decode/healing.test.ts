import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { createHealing } from '../../../engine/decode/healing';
import { createCompleter } from '../../../engine/runtime/completer';
import type { LoadedModel } from '../../../engine/runtime/load';
import { defaultModels } from '../../support/defaultModel';
import { numRuns } from '../../support/device';
import { lineRequest } from '../../support/requests';

const load = defaultModels();
let model: LoadedModel;

beforeAll(async () => {
  model = await load();
});

const line = fc.constantFrom(
  'const result = docu',
  '  return this.inde',
  'import { readFi',
  'größe = schlüs',
  'x',
  'a = 😀',
);
const typed = fc.stringMatching(/^[A-Za-z_$][\w$]{0,12}$/);

test('what is taken off are the tokens of the last word, and a constraint lets back in what begins like it', async () => {
  const heal = createHealing(model.tokenizer);
  await fc.assert(
    fc.asyncProperty(line, typed, async (before, word) => {
      const prefix = `${before} ${word}`;
      const healed = heal(prefix);
      expect(healed.prefix + healed.typed).toBe(prefix);
      expect(healed.typed.length).toBeGreaterThan(0);
      expect(healed.tokens.length).toBeLessThanOrEqual(4);
      const bytes = Buffer.concat(healed.tokens.map(model.tokenizer.tokenBytes));
      expect(bytes.toString()).toBe(healed.typed);
      if (healed.tokens.length < 4) expect(healed.typed).toMatch(/^[^\w$]/);
      const mask = await healed.constraint.allowed('');
      expect(mask?.[healed.tokens[0] as number]).toBe(1);
      for (const [id, allowed] of (mask ?? []).entries()) {
        const text = Buffer.from(model.tokenizer.tokenBytes(id)).toString();
        const agrees = text !== '' && (text.startsWith(healed.typed) || healed.typed.startsWith(text));
        expect(allowed === 1).toBe(agrees && !model.tokenizer.special.has(id));
      }
      expect(await healed.constraint.allowed(healed.typed)).toBeUndefined();
    }),
    { numRuns: numRuns(20) },
  );
});

test.each(['// the user’', '// ──', 'x = 价', '// größ'])(
  'behind %j no token that ends within a character is let in',
  async (prefix) => {
    const { typed, constraint } = createHealing(model.tokenizer)(prefix);
    for (let end = 0; end < typed.length; end++) {
      const mask = (await constraint.allowed(typed.slice(0, end))) ?? new Uint8Array(0);
      expect(mask).toContain(1);
      for (const [id, allowed] of mask.entries()) {
        const bytes = Buffer.from(model.tokenizer.tokenBytes(id));
        const isShorter = bytes.length < Buffer.byteLength(typed.slice(end));
        if (allowed === 1 && isShorter) expect(bytes.toString()).not.toContain('\uFFFD');
      }
    }
  },
);

test.each(['', 'foo', 'x = '])(
  'whatever stands at the caret behind %j, no way to write it again ends nowhere',
  async (before) => {
    const { tokenizer } = model;
    const heal = createHealing(tokenizer);
    for (let token = 0; token < tokenizer.vocabSize; token++) {
      if (tokenizer.special.has(token)) continue;
      const { typed, constraint } = heal(`a ${before}${tokenizer.decode([token])}`);
      const seen = new Set<string>();
      const open = typed === '' ? [] : [''];
      for (let written = open.pop(); written !== undefined; written = open.pop()) {
        const mask = (await constraint.allowed(written)) ?? new Uint8Array(0);
        const ids = [...mask.keys()].filter((id) => mask[id] === 1);
        if (ids.length === 0) expect.fail(`${JSON.stringify(typed)} behind ${JSON.stringify(written)}`);
        for (const next of ids.map((id) => written + tokenizer.decode([id])))
          if (next.length < typed.length && !seen.has(next)) {
            seen.add(next);
            open.push(next);
          }
      }
    }
  },
  60_000,
);

test.each([' —', ' →', ' –', ' —foo', ' \uFFFD'])('behind %j there is a completion', async (end) => {
  const completer = createCompleter(model, 512, 2 ** 29);
  for (const decoding of ['adaptive', 'greedy', 'beam'] as const) {
    const request = { ...lineRequest, prefix: `const a = 1;\n// The state${end}`, suffix: '\n', decoding };
    const completion = await completer.complete(request, () => false, { elapsed: () => 0 });
    expect(completion.tokens.length).toBeGreaterThan(0);
  }
});

test('behind anything but a word the last token is taken off', () => {
  const heal = createHealing(model.tokenizer);
  for (const prefix of ['', 'x']) expect(heal(prefix)).toMatchObject({ prefix, typed: '' });
  for (const prefix of ['foo(', 'foo ', 'foo\n', 'foo.', 'x;']) {
    const { typed, tokens } = heal(prefix);
    expect(tokens).toHaveLength(1);
    expect(prefix.endsWith(typed)).toBe(true);
  }
});

test('a completion goes on behind what was typed, whatever the way of decoding', async () => {
  const text = 'const documents = new Map();\nfunction open(uri) {\n  return docu';
  const completer = createCompleter(model, 512, 2 ** 29);
  for (const decoding of ['adaptive', 'greedy', 'beam', 'infill'] as const) {
    const request = { ...lineRequest, prefix: text, suffix: '\n}\n', decoding };
    const completion = await completer.complete(request, () => false, { elapsed: () => 0 });
    const generated = completion.tokens.map((token) => token.text).join('');
    expect(completion.tokens[0]?.constrained).toBe(true);
    expect(completion.typed).toBe(createHealing(model.tokenizer)(text).typed);
    expect(generated.startsWith(completion.typed + completion.text)).toBe(true);
  }
});
