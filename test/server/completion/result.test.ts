import { expect, it } from 'vitest';
import type { CacheUse } from '../../../engine/index';
import { type CompletionResult, describe, toJson } from '../../../server/completion/result';
import { completion } from './typed/support';

const shown = (cache: CacheUse): CompletionResult => ({
  kind: 'shown',
  source: 'fresh',
  text: 'x',
  alternatives: [],
  completion: {
    ...completion('x'),
    tokens: [{ text: 'x', logprob: -1, entropy: 1, source: 'model', constrained: false }],
    cache,
  },
  totalMs: 41.6,
});

it('tells how much of the prompt was encoded', () => {
  expect(describe(shown({ kept: 900, shifted: 988, encoded: 12, stale: 988 }))).toBe(
    'Shown after 42 ms: 1 token, 12 of 1,900 encoded, ended by line-end.',
  );
});

it('tells why rows could not be reused, to people and in the JSON, and nothing where they could', () => {
  const fallback = 'The cache is larger than its budget.';
  const result = shown({ kept: 0, shifted: 0, encoded: 5, stale: 0, fallback });
  expect(describe(result)).toMatch(/ended by line-end\. The cache is larger than its budget\.$/);
  expect(toJson(result).cache).toEqual({ kept: 0, shifted: 0, encoded: 5, stale: 0, fallback });
  const other = toJson(shown({ kept: 1, shifted: 2, encoded: 3, stale: 4 }));
  expect(other.cache).toEqual({ kept: 1, shifted: 2, encoded: 3, stale: 4 });
});
