import { expect, test } from 'vitest';
import grammar from '../../syntaxes/slipstream-trace.tmLanguage.json';

const { token, cache, end, empty, comment } = grammar.repository;
const rules = {
  comment: comment.match,
  token: token.match,
  cache: cache.begin,
  end: end.begin,
  empty: empty.match,
};

/** The one rule of the grammar that begins at the start of this line. */
function ruleOf(line: string): string[] {
  return Object.entries(rules)
    .filter(([, pattern]) => new RegExp(pattern).exec(line)?.index === 0)
    .map(([name]) => name);
}

test.each([
  ['# cart.ts:12:5, default (int8) on cpu', 'comment'],
  ['cache  kept 120  shifted 0  encoded 9  stale 0', 'cache'],
  ['+ model  -0.123  0.45n  "return"', 'token'],
  ['+ copy  -0.001  0.01n  " \\"quoted\\"\\n" constrained', 'token'],
  ['+ lookahead  0.000  0.00n  ""', 'token'],
  ['= line-end  42.0ms  9 tokens  3 forwards', 'end'],
  ['! completions are off for markdown', 'empty'],
])('%s is a %s', (line, rule) => {
  expect(ruleOf(line)).toEqual([rule]);
});

test.each(['+ guess  -0.1  0.4n  "x"', '+ model  -0.1  0.4n  "open', 'cached', '=line-end'])(
  '%s is none of them',
  (line) => {
    expect(ruleOf(line)).toEqual([]);
  },
);

test('the parts of a token are told apart', () => {
  const parts = new RegExp(token.match).exec('+ copy  -0.001  0.01n  "a b" constrained')?.slice(1);
  expect(parts).toEqual(['+', 'copy', '-0.001', '0.01n', '"a b"', 'constrained']);
});
