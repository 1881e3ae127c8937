import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { names, nextIdentifier } from '../../../../server/cli/eval/identifiers';
import { score, summarise } from '../../../../server/cli/eval/scores';
import type { CompletionResult } from '../../../../server/completion/result';
import { levenshtein } from '../../../../server/levenshtein';
import { completionOf, requestOf, token } from '../../trace/requests';

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

describe('nextIdentifier', () => {
  it('is the first that ends behind the caret, whole', () => {
    expect(nextIdentifier('const total = item.pr', 'ice * count;')).toBe('price');
    expect(nextIdentifier('call(', 'first, second)')).toBe('first');
    expect(nextIdentifier('total', ' = count')).toBe('count');
    expect(nextIdentifier('call', '();')).toBeUndefined();
  });

  it('is known where the text has it as a word of its own', () => {
    expect(names('a.price = 1', 'price')).toBe(true);
    expect(names('prices, $price, unitprice', 'price')).toBe(false);
    expect(names('prices and price', 'price')).toBe(true);
  });
});

describe('score', () => {
  const line = { language: 'typescript', before: 'let price;\nuse(pri', rest: 'ce);', after: '\nlet other;' };
  const answer = (text: string, prefixOmitted = 0, suffixOmitted = 0): CompletionResult => {
    const segments = [
      { kind: 'prefix', tokens: 1, omitted: prefixOmitted },
      { kind: 'suffix', tokens: 1, omitted: suffixOmitted },
    ] as const;
    return requestOf(completionOf([token(text, 0.5)], { segments })).result;
  };

  it('looks for the next identifier in what the model was shown of the document', () => {
    expect(score(line, answer('ce);')).identifier).toBe(true);
    expect(score(line, answer('nt);')).identifier).toBe(false);
    // The prompt begins behind the only other place.
    expect(score(line, answer('ce);', 10)).identifier).toBeUndefined();
    expect(score({ ...line, before: 'use(ot', rest: 'her)' }, answer('her)')).identifier).toBe(true);
    expect(
      score({ ...line, before: 'use(ot', rest: 'her)' }, answer('her)', 0, 8)).identifier,
    ).toBeUndefined();
  });

  it('says where the caret stood, and how the text ended', () => {
    expect(score(line, answer('ce);'))).toMatchObject({
      isWithinWord: true,
      stopReason: 'line-end',
      exact: true,
    });
    expect(score({ ...line, before: 'use(', rest: 'price);' }, nothing)).toMatchObject({
      isWithinWord: false,
      stopReason: undefined,
    });
  });

  it('counts an empty completion as wrong', () => {
    expect(score(sample('python', 'return'), nothing)).toMatchObject({ exact: false, similarity: 0 });
  });
});

describe('summarise', () => {
  it('gives rates over all lines, by language and by where the caret stood', () => {
    const line = {
      language: 'python',
      exact: false,
      similarity: 0,
      isWithinWord: false,
      loopsLeft: 0,
      totalMs: 10,
    } as const;
    const report = summarise([
      { ...line, exact: true, similarity: 1, logprobs: [-1, -2], stopReason: 'end-token', identifier: true },
      { ...line, logprobs: [], stopReason: 'repetition', loopsLeft: 3, identifier: false },
      {
        ...line,
        logprobs: [],
        stopReason: 'line-end',
        loopsLeft: 2,
        identifier: undefined,
        isWithinWord: true,
      },
      {
        ...line,
        language: 'go',
        similarity: 0.5,
        logprobs: [-3],
        totalMs: 30,
        stopReason: undefined,
        identifier: true,
      },
    ]);
    expect(report).toEqual({
      n: 4,
      exactMatch: 0.25,
      editSimilarity: 0.375,
      nextIdentifier: { n: 3, share: 2 / 3 },
      ended: 0.5,
      loops: 1,
      loopsLeft: 1,
      meanLogprob: -2,
      msPerCompletion: 15,
      byCaret: {
        withinWord: { n: 1, exactMatch: 0, editSimilarity: 0 },
        betweenWords: { n: 3, exactMatch: 1 / 3, editSimilarity: 0.5 },
      },
      byLanguage: {
        go: { n: 1, exactMatch: 0, editSimilarity: 0.5 },
        python: { n: 3, exactMatch: 1 / 3, editSimilarity: 1 / 3 },
      },
    });
  });
});
