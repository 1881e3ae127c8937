import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { CompletionRequest } from '../../../../engine/completion';
import {
  confidentPart,
  keystrokes,
  shownPart,
  worthiestPart,
} from '../../../../engine/decode/uncertainty/confidence';
import { createCompleter } from '../../../../engine/runtime/completer';
import type { LoadedModel } from '../../../../engine/runtime/load';
import { defaultModels } from '../../../support/defaultModel';
import { atLeast, isExact, numRuns } from '../../../support/device';

const root = join(import.meta.dirname, '../../../..');
const load = defaultModels();
const source = readFileSync(join(root, 'server/completion/caret.ts'), 'utf8');
let model: LoadedModel;

beforeAll(async () => {
  model = await load();
});

test.each([
  ['return this.it', 'ems', 'return this.'],
  ['return this.items', ' +', 'return this.items'],
  ['return this.items', '.length', 'return this.items'],
  ['return ', 'this', 'return '],
  ['größ', 'er', ''],
  ['', 'x', ''],
])('%j before %j leaves %j', (text, next, left) => {
  expect(confidentPart(text, next)).toBe(left);
});

const tokensOf = (...pairs: readonly (readonly [text: string, probability: number])[]) =>
  pairs.map(([text, probability]) => ({ text, logprob: Math.log(probability) }));

test.each([
  // 0.9 * 5 keys against 0.45 * 10.
  ['total(', tokensOf(['total', 0.9], ['(', 1], ['it', 0.5], ['ems', 0.9], [')', 0.9]), ''],
  ['total(items)', tokensOf(['total', 0.9], ['(', 1], ['it', 0.9], ['ems', 0.9], [')', 0.95]), ''],
  // Never inside a word, and what is blank at the end saves nothing.
  ['items', tokensOf(['it', 1], ['ems', 0.3], [' ', 0.9], ['=', 0.1]), ''],
  // The word before the caret is written again.
  ['al(', tokensOf(['total', 0.9], ['(', 1], ['items', 0.2], [')', 0.9]), 'tot'],
  // What is decoded behind the text's end tells nothing of the text.
  ['total', tokensOf(['total', 0.4], ['', 0.01]), ''],
  [')', tokensOf([')', 0.4]), ''],
  ['', [], ''],
])('worth most: %j', (part, tokens, typed) => {
  const whole = tokens.map(({ text }) => text).join('');
  expect(worthiestPart(tokens, typed, whole.slice(typed.length))).toBe(part);
});

test('no other beginning that ends between words saves more keys on average', () => {
  const token = fc.record({
    text: fc.constantFrom('a', 'item', ' ', '(', ').', ' = ', '\n    ', ';', '9', 'ß'),
    logprob: fc.double({ min: -3, max: 0, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(token, { maxLength: 12 }), fc.nat(4), (tokens, length) => {
      const whole = tokens.map(({ text }) => text).join('');
      const typed = whole.slice(0, length);
      const text = whole.slice(typed.length);
      const best = worthiestPart(tokens, typed, text);
      expect(text.startsWith(best)).toBe(true);
      const worth = (count: number) => {
        const first = tokens.slice(0, count);
        const part = first
          .map((one) => one.text)
          .join('')
          .slice(typed.length);
        const logprob = first.reduce((sum, one) => sum + one.logprob, 0);
        return { part, worth: Math.exp(logprob) * (keystrokes(part) - 1) };
      };
      const ends = tokens.flatMap((_, i) => {
        const part = worth(i + 1);
        const rest = text.slice(part.part.length);
        const isInWord = /[\p{L}\p{N}]$/u.test(part.part) && /^[\p{L}\p{N}]/u.test(rest);
        return part.part === '' || isInWord ? [] : [part];
      });
      const own = ends.filter(({ part }) => part === best).map((end) => end.worth);
      expect(Math.max(...own, best === '' ? 0 : Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(
        Math.max(...ends.map((end) => end.worth), Number.NEGATIVE_INFINITY) - 1e-12,
      );
    }),
    { numRuns: numRuns(500, 100) },
  );
});

const requestAt = (at: number, more: Partial<CompletionRequest>): CompletionRequest => ({
  session: 'file:///a.ts',
  prefix: source.slice(0, at),
  suffix: source.slice(at + 30),
  context: [],
  mode: 'block',
  maxTokens: isExact ? 24 : 10,
  deadlineMs: Number.POSITIVE_INFINITY,
  lineDeadlineMs: Number.POSITIVE_INFINITY,
  without: ['healing'],
  ...more,
});
const complete = (request: CompletionRequest) =>
  createCompleter(model, 512, 2 ** 29).complete(request, () => false, { elapsed: () => 0 });

test('with a limit a completion is what the limit leaves of the one without', async () => {
  let cut = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 200, max: source.length - 100 }),
      fc.constantFrom(1e-9, 1e-3, 0.1, 0.5),
      async (at, leastConfidence) => {
        // Of rests of lines no stop rule takes anything back that was written already.
        const request = requestAt(at, { decoding: 'greedy', mode: 'line', suffix: '\n' });
        const whole = await complete(request);
        const part = await complete({ ...request, leastConfidence });
        expect(part.text).toBe(shownPart(whole, leastConfidence));
        const rest = whole.text.slice(part.text.length);
        expect(/\w$/.test(part.text) && /^\w/.test(rest)).toBe(false);
        if (part.text === whole.text) return;
        expect(part.stopReason).toBe('low-confidence');
        cut++;
      },
    ),
    { numRuns: numRuns(15, 8) },
  );
  expect(cut).toBeGreaterThanOrEqual(atLeast(4));
});

test('where nothing more will be shown, nothing is looked ahead for', async () => {
  let pauses = 0;
  for (const at of [400, 700, 1000, 1300]) {
    pauses += (await complete(requestAt(at, {}))).lookahead.pauses;
    // Where there are two candidates to look ahead for, neither is as sure as that.
    const part = await complete(requestAt(at, { leastConfidence: 0.9 }));
    expect(part.lookahead.pauses).toBe(0);
  }
  expect(pauses).toBeGreaterThan(0);
});

test('what was not taken becomes an alternative, finished where somebody asks', async () => {
  let alternatives = 0;
  for (const at of [400, 700, 1000, 1300].slice(0, isExact ? 4 : 1)) {
    const request = requestAt(at, { mode: 'line', threshold: 0.5, finishAlternatives: true });
    const completion = await complete(request);
    expect(completion.alternatives).not.toContain(completion.text);
    expect(new Set(completion.alternatives).size).toBe(completion.alternatives.length);
    for (const text of completion.alternatives) expect(text).not.toContain('\n');
    alternatives += completion.alternatives.length;
    // Working them out leaves a cache that still serves.
    const quick = await complete({ ...request, finishAlternatives: false });
    expect(quick.text).toBe(completion.text);
    expect(quick.alternatives.length).toBeLessThanOrEqual(completion.alternatives.length);
  }
  expect(alternatives).toBeGreaterThanOrEqual(atLeast(3));
});
