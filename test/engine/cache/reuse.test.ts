import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planReuse } from '../../../engine/cache/reuse';

const tokens = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 12 });

test('the longest common prefix is kept, but never the whole prompt', () => {
  fc.assert(
    fc.property(
      tokens,
      tokens.filter((t) => t.length > 0),
      (cached, prompt) => {
        const { kept, use } = planReuse(cached, prompt);
        expect(cached.slice(0, kept)).toEqual(prompt.slice(0, kept));
        const couldKeepMore =
          kept < prompt.length - 1 && kept < cached.length && cached[kept] === prompt[kept];
        expect(couldKeepMore).toBe(false);
        expect(use.kept + use.shifted + use.encoded).toBe(prompt.length);
        expect(use.encoded).toBeGreaterThan(0);
      },
    ),
  );
});
