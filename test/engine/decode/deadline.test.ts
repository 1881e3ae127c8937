import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Completion, CompletionRequest } from '../../../engine/completion';
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

const prefix = `${Array.from({ length: 40 }, (_, i) => `const name${i} = other.value${i};\n`).join('')}const isBehind`;

/** Completes on a device whose passes take this long. */
async function completeOn(
  passMs: (rows: number) => number,
  request: Partial<CompletionRequest>,
): Promise<{ completion: Completion; endedMs: number }> {
  const { decoder } = model;
  let now = 0;
  const slow = {
    ...decoder,
    forward: (...[cache, tokens, options]: Parameters<typeof decoder.forward>) => {
      now += passMs(tokens.length);
      return decoder.forward(cache, tokens, options);
    },
    predict: (...[cache, tokens, options]: Parameters<typeof decoder.predict>) => {
      now += passMs(tokens.length);
      return decoder.predict(cache, tokens, options);
    },
  };
  const completer = createCompleter({ ...model, decoder: slow }, 512, 2 ** 29);
  const completion = await completer.complete(
    { ...lineRequest, prefix, decoding: 'greedy', ...request },
    () => false,
    { elapsed: () => now },
  );
  return { completion, endedMs: now };
}

test('a completion gives up only where the next pass would end behind the deadline, and behind its first pass it is never late by more than what a pass takes at least', async () => {
  const device = fc.record({
    fixed: fc.integer({ min: 0, max: 40 }),
    perRow: fc.integer({ min: 1, max: 6 }),
    deadlineMs: fc.integer({ min: 0, max: 2500 }),
  });
  await fc.assert(
    fc.asyncProperty(device, async ({ fixed, perRow, deadlineMs }) => {
      const passMs = (rows: number) => fixed + perRow * rows;
      const { completion, endedMs } = await completeOn(passMs, { deadlineMs, without: ['copy', 'healing'] });
      expect(endedMs).toBeLessThanOrEqual(Math.max(passMs(64), deadlineMs + passMs(1)));
      if (completion.stopReason !== 'deadline') return;
      const { missing = 0 } = completion.cache;
      const next = completion.tokens.length > 0 ? 1 : Math.min(64, missing);
      expect(endedMs + passMs(next)).toBeGreaterThanOrEqual(deadlineMs);
    }),
    { numRuns: numRuns(30) },
  );
});

test('what a deadline has left to encode is not told of as encoded', async () => {
  const { completion } = await completeOn((rows) => rows, { deadlineMs: 200 });
  const { encoded, missing = 0 } = completion.cache;
  expect(completion.stopReason).toBe('deadline');
  expect(encoded - missing).toBe(64 * completion.forwards);
});

test('a completion that is cut off ends between words', async () => {
  const { completion: whole } = await completeOn(() => 1, {});
  for (let passes = 1; passes < whole.forwards; passes++) {
    const cut = await completeOn(() => 1, { deadlineMs: passes });
    const few = await completeOn(() => 1, { maxTokens: passes });
    for (const { text } of [cut.completion, few.completion]) expect(`${text}║`).not.toMatch(/[\w$]║$/);
  }
});
