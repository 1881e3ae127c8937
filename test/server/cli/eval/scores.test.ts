import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { score, summarise } from '../../../../server/cli/eval/scores';
import type { CompletionResult } from '../../../../server/completion/result';
import { levenshtein } from '../../../../server/levenshtein';

const nothing: CompletionResult = { kind: 'empty', reason: 'nothing-generated', message: '', totalMs: 10 };
const sample = (language: string, rest: string) => ({ language, before: '', rest, after: '' });

describe('levenshtein', () => {
  it('counts edits', () => {
    expect(levenshtein('kitten', 'sitting')).toBe(3);
    expect(levenshtein('', 'abc')).toBe(3);
  });

  it('is a metric', () => {
    const word = fc.stringMatching(/^[abc]{0,8}$/);
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(levenshtein(a, b)).toBe(levenshtein(b, a));
        expect(levenshtein(a, b) === 0).toBe(a === b);
        expect(levenshtein(a, c)).toBeLessThanOrEqual(levenshtein(a, b) + levenshtein(b, c));
      }),
    );
  });
});

describe('summarise', () => {
  it('gives rates over all lines and by language', () => {
    const report = summarise([
      { language: 'python', exact: true, similarity: 1, logprobs: [-1, -2], totalMs: 10 },
      { language: 'typescript', exact: false, similarity: 0.5, logprobs: [-3], totalMs: 30 },
    ]);
    expect(report).toEqual({
      n: 2,
      exactMatch: 0.5,
      editSimilarity: 0.75,
      meanLogprob: -2,
      msPerCompletion: 20,
      byLanguage: {
        python: { n: 1, exactMatch: 1, editSimilarity: 1 },
        typescript: { n: 1, exactMatch: 0, editSimilarity: 0.5 },
      },
    });
  });

  it('counts an empty completion as wrong', () => {
    expect(score(sample('python', 'return'), nothing)).toMatchObject({ exact: false, similarity: 0 });
  });
});
