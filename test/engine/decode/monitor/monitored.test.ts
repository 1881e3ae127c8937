import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Completion, CompletionRequest } from '../../../../engine/completion';
import type { LegalWords, MonitorAnswer, MonitorOracle, MonitorQuestion } from '../../../../engine/monitor';
import { createCompleter } from '../../../../engine/runtime/completer';
import { defaultModels } from '../../../support/defaultModel';
import { atLeast, expectSameTokens, isExact, numRuns } from '../../../support/device';

const root = join(import.meta.dirname, '../../../..');
const source = ['engine/decode/stop.ts', 'server/completion/caret.ts', 'engine/cache/kvCache.ts']
  .map((path) => readFileSync(join(root, path), 'utf8'))
  .join('\n');

const model = await defaultModels()();
const completer = createCompleter(model, 512, 2 ** 29);
const clock = { elapsed: () => 0 };
const never = () => false;

const triggers = [
  { kind: 'member', pattern: '\\??\\.([\\w$]*)' },
  { kind: 'call', pattern: '[\\w$]\\(([^()]*)' },
];
const names = [
  'length',
  'push',
  'tokens',
  'text',
  'slice',
  'value',
  'first',
  'lastIndexOf',
  'zebra',
  'startsWith',
];

/** Says the same about the same place whoever asks. */
function answerTo({ kinds, back, text }: MonitorQuestion, seed: number): MonitorAnswer {
  let hash = seed;
  for (const character of `${back}${text}`) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  if (hash % 5 === 0) return { reason: 'No type is known here.' };
  const words = names.filter((_, i) => (hash >> i) % 3 !== 0);
  const member: LegalWords = { kind: 'member', words, orOther: false };
  const least = hash % 3;
  const call = { kind: 'call', least, most: least + (hash % 2) };
  return {
    legal: [...(kinds.includes('member') ? [member] : []), ...(kinds.includes('call') ? [call] : [])],
  };
}

const oracle =
  (seed: number, delays: readonly number[]): MonitorOracle =>
  async (question) => {
    let i = question.text.length;
    const delay = delays[i++ % delays.length] ?? 0;
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    return answerTo(question, seed);
  };

let sessions = 0;
function complete(
  at: number,
  answers: MonitorOracle | undefined,
  change: Partial<CompletionRequest> = {},
  waits = false,
): Promise<Completion> {
  const request: CompletionRequest = {
    session: `${++sessions}`,
    prefix: source.slice(Math.max(0, at - 1200), at),
    suffix: source.slice(at, at + 300),
    context: [],
    mode: 'line',
    maxTokens: isExact ? 20 : 10,
    deadlineMs: Number.POSITIVE_INFINITY,
    lineDeadlineMs: Number.POSITIVE_INFINITY,
    without: [],
    monitors: { triggers, questionMs: 10_000, completionMs: 100_000, waits },
    ...change,
  };
  return completer.complete(request, never, clock, answers);
}

const withoutSource = ({ source: _, ...token }: Completion['tokens'][number]) => token;
function expectSame(actual: Completion, expected: Completion): void {
  expect(actual.text).toBe(expected.text);
  expectSameTokens(actual.tokens.map(withoutSource), expected.tokens.map(withoutSource));
}
const place = fc.nat(source.length - 1).map((at) => Math.max(100, at));
/** Where monitors have most to do. */
const behindDot = fc
  .constantFrom(...[...source.matchAll(/[\w)]\??\.(?=\w)/g)].map((match) => match.index + match[0].length))
  .filter((at) => at > 100);

describe('optimistic monitoring', () => {
  test('writes what waiting for every answer writes, however late they are', async () => {
    let rollbacks = 0;
    let monitored = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(place, behindDot),
        fc.nat(1000),
        fc.array(fc.constantFrom(0, 1, 5, 20, 60), { minLength: 1, maxLength: 5 }),
        fc.constantFrom('adaptive', 'greedy'),
        fc.constantFrom(0.5, 2, 100),
        async (at, seed, delays, decoding, threshold) => {
          const change = { decoding, threshold } as const;
          const waited = await complete(at, oracle(seed, [0]), change, true);
          const optimistic = await complete(at, oracle(seed, delays), change);
          expectSame(optimistic, waited);
          expect(waited.rollbacks).toBe(0);
          rollbacks += optimistic.rollbacks;
          monitored += optimistic.monitored.length;
        },
      ),
      { numRuns: numRuns(60, 30) },
    );
    expect(rollbacks).toBeGreaterThanOrEqual(atLeast(10));
    expect(monitored).toBeGreaterThanOrEqual(atLeast(60));
  }, 120_000);

  test('and copies change nothing either', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(place, behindDot), fc.nat(1000), async (at, seed) => {
        const delayed = oracle(seed, [0, 20, 3]);
        const copying = await complete(at, delayed);
        const plain = await complete(at, delayed, { without: ['copy'] });
        expectSame(copying, plain);
      }),
      { numRuns: numRuns(25, 25) },
    );
  });

  test('never writes a name that is not legal', async () => {
    let constrained = 0;
    await fc.assert(
      fc.asyncProperty(behindDot, fc.nat(1000), async (at, seed) => {
        const { text, tokens } = await complete(at, oracle(seed, [0, 10]));
        constrained += tokens.filter((token) => token.constrained).length;
        const prefix = source.slice(0, at);
        const whole = prefix + text;
        for (let dot = at - 1; dot < whole.length; dot++) {
          if (whole[dot] !== '.' || !/\??\.$/.test(whole.slice(0, dot + 1))) continue;
          const name = /^[\w$#]+(?=[^\w$#])/.exec(whole.slice(dot + 1))?.[0];
          const answer = answerTo({ kinds: ['member'], back: 0, text: whole.slice(at, dot + 1) }, seed);
          if (name !== undefined && 'legal' in answer)
            expect((answer.legal[0] as LegalWords).words).toContain(name);
        }
      }),
      { numRuns: numRuns(40, 40) },
    );
    expect(constrained).toBeGreaterThanOrEqual(atLeast(40));
  });
});

describe('where nobody answers', () => {
  test('in time, the text is that without monitors, and the place says why', async () => {
    const at = source.indexOf('this.') + 5;
    const silent: MonitorOracle = () => new Promise(() => {});
    const monitors = { triggers, questionMs: 30, completionMs: 50 };
    const unanswered = await complete(at, silent, { monitors });
    expectSame(unanswered, await complete(at, undefined));
    expect(unanswered.monitored[0]?.reason).toMatch(/did not answer within 30 ms/);
    expect(unanswered.monitored[0]?.isLate).toBe(true);
    expect(unanswered.timings.monitorMs).toBeLessThan(1000);
  });

  test('any more, who was asked hears so: at the end, and where an answer takes back what was written', async () => {
    let dropped = 0;
    for (const match of [...source.matchAll(/\w\.(?=\w)/g)].slice(20, isExact ? 32 : 21)) {
      const signals = new Map<string, AbortSignal>();
      // Of the first place all is known late, of those behind it nothing.
      const slow: MonitorOracle = ({ text }, signal) => {
        if (text.startsWith('zebra')) {
          const stale = [...signals].filter(([asked]) => asked !== '' && !asked.startsWith('zebra'));
          for (const [, { aborted }] of stale) expect(aborted).toBe(true);
          dropped += stale.length;
        }
        signals.set(text, signal);
        if (text !== '') return new Promise(() => {});
        const legal = [{ kind: 'member', words: ['zebra'], orOther: false }];
        return new Promise((resolve) => setTimeout(() => resolve({ legal }), 200));
      };
      const monitors = { triggers, questionMs: 1000, completionMs: 1000 };
      const { text } = await complete(match.index + 2, slow, { monitors, decoding: 'greedy' });
      expect(text).toMatch(/^zebra/);
      expect(signals.get('')?.aborted).toBe(false);
      signals.delete('');
      expect([...signals.values()].filter(({ aborted }) => !aborted)).toEqual([]);
    }
    expect(dropped).toBeGreaterThanOrEqual(atLeast(1));
  });

  test('a word that was typed and is not legal lifts the restriction', async () => {
    const at = source.indexOf('this.') + 7;
    const only: MonitorOracle = async () => ({
      legal: [{ kind: 'member', words: ['zebra'], orOther: false }],
    });
    const { monitored } = await complete(at, only);
    expect(monitored[0]).toMatchObject({ at: -2, reason: expect.stringContaining('typed') });
  });

  test('a completion that is forced far off is dropped', async () => {
    const at = source.indexOf('this.') + 5;
    const only: MonitorOracle = async () => ({
      legal: [{ kind: 'member', words: ['qqqqzzzz'], orOther: false }],
    });
    const monitors = { triggers, questionMs: 1000, completionMs: 1000, leastKept: 0.05 };
    expect(await complete(at, only, { monitors })).toMatchObject({ text: '', stopReason: 'forced-off' });
  });
});
