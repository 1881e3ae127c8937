import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CompletionRequest, copyRules } from '../../../engine/completion';
import { createCompleter } from '../../../engine/runtime/completer';
import { defaultModels } from '../../support/defaultModel';
import { isExact, numRuns } from '../../support/device';

const load = defaultModels();
const root = join(import.meta.dirname, '../../..');
const lines = ['engine/decode/stop.ts', 'engine/model/rope.ts', 'server/completion/caret.ts'].flatMap(
  (path) => readFileSync(join(root, path), 'utf8').split('\n'),
);

/** Lines of real source in any order: most documents repeat themselves, some do not. */
const document = fc
  .array(fc.nat(lines.length - 1), { minLength: 1, maxLength: 30 })
  .map((numbers) => numbers.map((number) => lines[number]).join('\n'));
const edit = fc.record({ at: fc.nat(1500), removed: fc.nat(200), added: document });

const clock = { elapsed: () => 0 };
const never = () => false;

/** Where rows depend on their batch there are no drafts, whatever the precision: one is enough to show that. */
const precisions = isExact ? (['int8', 'fp32', 'int4'] as const) : (['int8'] as const);

describe.each(precisions)('at %s', (precision) => {
  test.each(isExact ? copyRules : copyRules.slice(0, 1))(
    'copies change how many passes a completion takes, never what it says: %s',
    async (copyRule) => {
      const model = await load(precision);
      const [copying, plain] = [createCompleter(model, 512, 2 ** 29), createCompleter(model, 512, 2 ** 29)];
      const counts = { accepted: 0, saved: 0 };
      await fc.assert(
        fc.asyncProperty(
          document,
          fc.array(edit, { maxLength: 2 }),
          document,
          fc.constantFrom(0, 1, 2, 100),
          async (start, edits, other, threshold) => {
            let text = start;
            for (const change of [undefined, ...edits]) {
              const deleted = change && text.slice(change.at, change.at + change.removed);
              if (change)
                text = text.slice(0, change.at) + change.added + text.slice(change.at + change.removed);
              const caret = Math.min(text.length, (change?.at ?? text.length) + (change?.added.length ?? 0));
              const request: CompletionRequest = {
                session: 'file:///a.ts',
                prefix: text.slice(0, caret),
                suffix: text.slice(caret),
                context: [],
                mode: 'block',
                maxTokens: isExact ? 24 : 12,
                deadlineMs: Number.POSITIVE_INFINITY,
                lineDeadlineMs: Number.POSITIVE_INFINITY,
                without: [],
                copyRule,
                threshold,
                copySources: [
                  { id: 'deleted', version: text.length, text: deleted ?? '' },
                  { id: 'other', version: other.length, text: other },
                ],
              };
              await copying.complete({ ...request, maxTokens: 1 }, never, clock);
              await copying.idle(undefined, never);
              const copied = await copying.complete(request, never, clock);
              await plain.complete({ ...request, maxTokens: 1 }, never, clock);
              const decoded = await plain.complete({ ...request, without: ['copy'] }, never, clock);
              const facts = copied.tokens.map(({ source: _, ...token }) => token);
              expect(facts).toEqual(decoded.tokens.map(({ source: _, ...token }) => token));
              counts.accepted += copied.accepted;
              counts.saved += decoded.forwards - copied.forwards;
            }
          },
        ),
        { numRuns: numRuns(8, 8) },
      );
      // Nothing is shown by drafts that were never right.
      if (decoderDrafts(precision)) expect(Math.min(counts.accepted, counts.saved)).toBeGreaterThan(0);
      else expect(counts.accepted).toBe(0);
      await model.decoder.release();
    },
  );
});

const decoderDrafts = (precision: string) => isExact && precision !== 'int4';
