import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { CompletionRequest, DecodingMode } from '../../../engine/completion';
import { predictionOf } from '../../../engine/decode/prediction';
import { mostLoopsLeft } from '../../../engine/decode/repetition';
import { createCompleter } from '../../../engine/runtime/completer';
import type { LoadedModel } from '../../../engine/runtime/load';
import { defaultModels } from '../../support/defaultModel';
import { isExact, numRuns } from '../../support/device';
import { lineRequest } from '../../support/requests';

const load = defaultModels();
let model: LoadedModel;
/** One token each. */
let words: readonly number[];

beforeAll(async () => {
  model = await load();
  words = [' value', ' class', ' name'].flatMap((word) => model.tokenizer.encode(word));
  expect(words).toHaveLength(3);
});

/** More than any logit of the model. */
const certain = 1000;

/**
 * The model, but in place of what it would write first comes the first word of a circle, and behind each the next one.
 * @param isCaught out of the circle there is one word only, behind which it comes back into it
 */
function circling(length: number, isCaught = false): LoadedModel {
  const { decoder } = model;
  let first: number | undefined;
  let isOut = false;
  const circle = words.slice(0, length);
  const behind = (token: number, position: number): number | undefined => {
    first ??= position;
    const at = circle.indexOf(token);
    if (at < 0 && position > first) isOut = true;
    const isIn = position === first || (at >= 0 && !isOut);
    return isIn || isCaught ? circle[(at + 1) % length] : undefined;
  };
  return {
    ...model,
    decoder: {
      ...decoder,
      async predict(cache, tokens, options) {
        const before = cache.length;
        const predictions = await decoder.predict(cache, tokens, options);
        const skipped = tokens.length - predictions.length;
        return predictions.map((prediction, row) => {
          const at = skipped + row;
          const next = behind(tokens[at] as number, before + at);
          if (next === undefined) return prediction;
          const logits = async () => {
            const changed = new Float32Array(await prediction.logits());
            changed[next] = certain;
            if (isCaught) changed[words.at(-1) as number] = certain / 2;
            return changed;
          };
          return predictionOf(prediction.vocabulary, logits);
        });
      },
    },
  };
}

const complete = (by: LoadedModel, request: Partial<CompletionRequest>) =>
  createCompleter(by, 512, 2 ** 29).complete({ ...lineRequest, maxTokens: 100, ...request }, () => false, {
    elapsed: () => 0,
  });

const ways = fc.record({
  length: fc.integer({ min: 1, max: 3 }),
  decoding: fc.constantFrom<DecodingMode>('greedy', 'adaptive'),
  prefix: fc.constantFrom(lineRequest.prefix, '// a word and', 'const wor', 'if (this.isOpen('),
});

test('a loop is left after its first round, and the rest is the same without copies and cache', async () => {
  await fc.assert(
    fc.asyncProperty(ways, async ({ length, ...request }) => {
      const run = (without: CompletionRequest['without']) =>
        complete(circling(length), { ...request, without: ['healing', ...without] });
      const { text, stopReason, loopsLeft, tokens } = await run([]);
      const circle = words.slice(0, length).map((word) => model.tokenizer.decode([word]));
      expect(loopsLeft).toBe(1);
      expect(stopReason).not.toBe('repetition');
      expect(text.startsWith(circle.join(''))).toBe(true);
      expect(text.split(circle[0] as string).length).toBeLessThanOrEqual(3);
      expect(tokens.filter(({ constrained }) => constrained)).toHaveLength(1);
      expect(
        tokens
          .map((token) => token.text)
          .join('')
          .startsWith(text),
      ).toBe(true);
      if (isExact) expect((await run(['copy', 'kv'])).text).toBe(text);
    }),
    { numRuns: numRuns(24) },
  );
});

test('a completion that falls into loops again and again ends, with the text of the last', async () => {
  const { stopReason, loopsLeft } = await complete(circling(1, true), { decoding: 'greedy' });
  expect(loopsLeft).toBe(mostLoopsLeft);
  expect(stopReason).toBe('repetition');
});

test('a loop that begins with the word before the caret is left behind that word', async () => {
  const { typed, tokens, loopsLeft, stopReason } = await complete(circling(1), {
    prefix: 'const animal = value',
    decoding: 'greedy',
  });
  expect(typed).toContain('value');
  expect(
    tokens
      .map(({ text }) => text)
      .join('')
      .startsWith(typed),
  ).toBe(true);
  expect(loopsLeft).toBe(1);
  expect(stopReason).not.toBe('repetition');
});
