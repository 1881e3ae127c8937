import fc from 'fast-check';
import { expect, test } from 'vitest';
import { postprocess } from '../../../../server/completion/postprocess/index';
import { filterSteps } from '../../../../server/completion/postprocess/steps';

const context = {
  prefix: 'const a = f(',
  suffix: ');\n',
  linePrefix: 'const a = f(',
  lineSuffix: ');',
  lineEnding: '\n',
  mode: 'line',
  languageId: 'typescript',
} as const;

test('names the filters that changed something, and what each has left', () => {
  const steps = filterSteps('x, y);\nnext', context);
  expect(steps.map(({ filter }) => filter)).toContain('keepOneLine');
  expect(steps[0]).toEqual({ filter: 'keepOneLine', text: 'x, y);' });
  expect(steps.at(-1)?.text).toBe(postprocess('x, y);\nnext', context));
});

test('the last step is what the filters make of any text, and no step changes nothing', () => {
  const part = fc.constantFrom('x', ')', ';', '\n', ' ', '  ', 'f(', '{', '}', '"', ', ');
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
      (text) => {
        const steps = filterSteps(text, context);
        expect(steps.at(-1)?.text ?? text).toBe(postprocess(text, context));
        const texts = [text, ...steps.map((step) => step.text)];
        for (const [i, one] of texts.entries()) expect(one).not.toBe(texts[i + 1]);
      },
    ),
  );
});
