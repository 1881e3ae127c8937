import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LegalWords } from '../../../../engine/index';
import { type AskedText, isGivenUp, takeBatch } from '../../../../server/monitors/typescript/batch';

const asked = (before: string, after = '', fileName = 'a.ts'): AskedText => ({ fileName, before, after });

describe('questions that one program answers', () => {
  test('are those about the newest text up to places within it', () => {
    const waiting = [asked('a.'), asked('b.'), asked('a.b('), asked('a.', '', 'b.ts'), asked('a.b(c.')];
    expect(takeBatch(waiting).map(({ before }) => before)).toEqual(['a.b(c.', 'a.b(', 'a.']);
    expect(waiting.map(({ before, fileName }) => before + fileName)).toEqual(['b.a.ts', 'a.b.ts']);
  });

  test('are all answered in the end, each once, behind one that begins like it', () => {
    const question = fc.record({
      fileName: fc.constantFrom('a.ts', 'b.ts'),
      before: fc.string({ unit: fc.constantFrom('a', '.'), maxLength: 4 }),
      after: fc.constantFrom('', ';'),
    });
    fc.assert(
      fc.property(fc.array(question), (questions) => {
        const waiting = [...questions];
        const taken: AskedText[] = [];
        for (let batch = takeBatch(waiting); batch[0] !== undefined; batch = takeBatch(waiting)) {
          const [longest] = batch;
          for (const { fileName, before, after } of batch) {
            expect([fileName, after]).toEqual([longest.fileName, longest.after]);
            expect(longest.before.startsWith(before)).toBe(true);
          }
          taken.push(...batch);
        }
        expect(new Set(taken)).toEqual(new Set(questions));
        expect(taken).toHaveLength(questions.length);
      }),
    );
  });
});

describe('what a question is about', () => {
  const only: LegalWords = { kind: 'member', words: ['size'], orOther: false };
  const about = (before: string, caret: number) => ({ ...asked(before), caret });

  test('is given up where an answer forbids what is written before it', () => {
    expect(isGivenUp(about('a.length.', 2), asked('a.'), { legal: [only] })).toBe(true);
    expect(isGivenUp(about('a.size.', 2), asked('a.'), { legal: [only] })).toBe(false);
    expect(isGivenUp(about('a.length.', 2), asked('b.'), { legal: [only] })).toBe(false);
    expect(isGivenUp(about('a.length.', 2), asked('a.'), { reason: 'any' })).toBe(false);
  });

  test('stays where what is forbidden stands before the caret', () => {
    expect(isGivenUp(about('a.length.', 4), asked('a.'), { legal: [only] })).toBe(false);
    expect(isGivenUp(about('a.single.', 4), asked('a.'), { legal: [only] })).toBe(true);
  });
});
