import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CompletionRequest } from '../../../../engine/completion';
import { distributionOf } from '../../../../engine/decode/distribution';
import { infillChoice } from '../../../../engine/decode/uncertainty/infill';
import { createCompleter } from '../../../../engine/runtime/completer';
import type { LoadedModel } from '../../../../engine/runtime/load';
import { defaultModels } from '../../../support/defaultModel';
import { isExact } from '../../../support/device';

const root = join(import.meta.dirname, '../../../..');
const load = defaultModels();
const source = readFileSync(join(root, 'engine/model/rope.ts'), 'utf8');
let model: LoadedModel;

beforeAll(async () => {
  model = await load(isExact ? 'fp32' : 'int8');
});

const requestAt = (at: number, more: Partial<CompletionRequest>): CompletionRequest => ({
  session: 'file:///a.ts',
  prefix: source.slice(0, at),
  suffix: source.slice(at + 40),
  context: [],
  mode: 'line',
  maxTokens: isExact ? 24 : 8,
  deadlineMs: Number.POSITIVE_INFINITY,
  lineDeadlineMs: Number.POSITIVE_INFINITY,
  without: ['healing'],
  ...more,
});
const clock = { elapsed: () => 0 };
const complete = (request: CompletionRequest, isCancelled = () => false) =>
  createCompleter(model, 512, 2 ** 29).complete(request, isCancelled, clock);
const places = [400, 900, 1300, 1700, 2100].slice(0, isExact ? 5 : 1);

describe('beam search', () => {
  test('finds what the model thinks at least as likely, token for token, as greedy decoding', async () => {
    const meanOf = (values: readonly number[]) =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const means = { beam: 0, greedy: 0 };
    for (const at of places) {
      for (const decoding of ['beam', 'greedy'] as const) {
        const { tokens } = await complete(requestAt(at, { decoding }));
        means[decoding] += meanOf(tokens.map(({ logprob }) => logprob));
      }
    }
    // The same tokens differ in rounding, since a beam's share their passes.
    expect(means.beam).toBeGreaterThanOrEqual(means.greedy - 1e-5);
  });

  test('gives tokens the probabilities that they have one by one', async () => {
    for (const at of places.slice(0, 2)) {
      const found = await complete(requestAt(at, { decoding: 'beam' }));
      const ids = model.tokenizer.encode(found.text);
      if (ids.length > found.tokens.length) continue;
      // The same text through another path: forced by a constraint that allows nothing else.
      const greedy = await complete(requestAt(at, { decoding: 'greedy' }));
      if (greedy.text !== found.text) continue;
      for (const [i, token] of greedy.tokens.entries())
        expect(token.logprob).toBeCloseTo(found.tokens[i]?.logprob ?? Number.NaN, 3);
    }
  });

  test('ends between two passes when it is cancelled', async () => {
    let asked = 0;
    const { stopReason } = await complete(requestAt(900, { decoding: 'beam' }), () => ++asked > 4);
    expect(stopReason).toBe('cancelled');
  });
});

describe("llama.cpp's infill rule", () => {
  const [end = 0] = [...(model?.endTokens ?? [0])];
  const names = ['<end>', 'foo', 'foobar', 'x', 'y', 'z', 'u', 'v'];
  const small = {
    endTokens: new Set([end]),
    tokenizer: { tokenBytes: (id: number) => Buffer.from(names[id] ?? '') },
  } as unknown as LoadedModel;
  const choice = (...probabilities: number[]) =>
    names[
      infillChoice(
        distributionOf(
          Float32Array.from(names, (_, id) => Math.log(probabilities[id] ?? 0)),
          new Uint8Array(names.length).fill(1),
        ),
        small,
      )
    ];

  test('takes the most likely token where it is sure', () => {
    expect(choice(0.001, 0.9, 0.05, 0.03, 0.01, 0.009)).toBe('foo');
  });
  test('ends where 3 * p_eog * n exceeds p_text', () => {
    expect(choice(0.1, 0.5, 0.1, 0.1, 0.1, 0.1)).toBe('<end>');
  });
  test('ends where no token has a fifth of the probability', () => {
    expect(choice(0.001, 0.17, 0.001, 0.17, 0.17, 0.17, 0.17, 0.148)).toBe('<end>');
  });
  test('adds up tokens that begin alike', () => {
    // Neither "foo" nor "foobar" has most of it alone.
    expect(choice(0.001, 0.24, 0.26, 0.4, 0.05, 0.04)).toBe('foobar');
  });
});
