import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { CompletionRequest } from '../../../../engine/completion';
import { confidentPart } from '../../../../engine/decode/uncertainty/confidence';
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

test('a completion ends where the model is no longer sure of all of it, and between words', async () => {
  let cut = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 200, max: source.length - 100 }),
      fc.constantFrom(0.05, 0.2, 0.5, 0.9),
      async (at, leastConfidence) => {
        const whole = await complete(requestAt(at, {}));
        const part = await complete(requestAt(at, { leastConfidence }));
        // Where nothing more will be shown, nothing is looked ahead for.
        expect(part.lookahead.pauses).toBeLessThanOrEqual(whole.lookahead.pauses);
        if (part.stopReason !== 'low-confidence') {
          expect(part.text).toBe(whole.text);
          return;
        }
        cut++;
        const logprobs = part.tokens.map(({ logprob }) => logprob);
        const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
        expect(Math.exp(sum(logprobs))).toBeLessThan(leastConfidence);
        expect(Math.exp(sum(logprobs.slice(0, -1)))).toBeGreaterThanOrEqual(leastConfidence);
        const written = whole.tokens.map(({ text }) => text).join('');
        expect(written.startsWith(part.text)).toBe(true);
        const rest = written.slice(part.text.length);
        expect(/\w$/.test(part.text) && /^\w/.test(rest)).toBe(false);
      },
    ),
    { numRuns: numRuns(15, 8) },
  );
  expect(cut).toBeGreaterThanOrEqual(atLeast(4));
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
