import { expect, test } from 'vitest';
import { tokenClasses } from '../../server/trace/tokenClass';
import { lineRule, lineScopes } from './grammar';

test.each([
  ['# Slipstream: the last completions', 'comment'],
  ['request 3  12:00:01.123  my cart.ts:12:5  shown in 42.0ms  fresh', 'request'],
  ['request 4  12:00:01.123  cart.ts:12:5  empty language-off', 'request'],
  ['  place file:///work/cart.ts#L12,5  typescript  version 3  asked by typing', 'place'],
  ['    snippet file:///work/a.ts#L3-9  edits  140 tokens  because "edited"', 'place'],
  ['  ! Completions are off for markdown.', 'message'],
  ['  text "return total;\\n"', 'fact'],
  ['  cache  kept 120  shifted 0  encoded 9  stale 0', 'fact'],
  ['    segment prefix  380 tokens  omitted 4,321 characters', 'fact'],
  ['    + certain      model       95.0%  0.05n  "return"', 'certain'],
  ['    + copied       copy        99.9%  0.01n  " \\"quoted\\"\\n"', 'copied'],
  ['    + constrained  lookahead  100.0%  0.00n  ""  instead of ".cost"', 'constrained'],
  ['    + uncertain    model        4.0%  4.20n  "a"  instead of "b"  rather than "c"', 'uncertain'],
  ['  = line-end', 'end'],
])('%s is a %s', (line, rule) => {
  expect(lineRule(line)).toBe(rule);
});

test.each([
  '    + guess  model  95.0%  0.40n  "x"',
  '    + certain  model  95.0%  0.40n  "open',
  'cached',
  '=line-end',
])('%s is none of them', (line) => {
  expect(lineRule(line)).toBeUndefined();
});

const line = (kind: string) => `    + ${kind.padEnd(11)}  model       95.0%  0.40n  "x"`;
const ownScope = (kind: string) => lineScopes(line(kind)).find(([text]) => text === kind)?.[1] ?? '';

// Of all scopes that themes commonly colour, these four are told apart best by all the themes that VS Code comes with: at least
// 20 in the distance of CIE Lab, where 2 can just be seen.
test('certain, copied, constrained and uncertain tokens have scopes that every theme has colours for', () => {
  const general = tokenClasses.map((kind) => ownScope(kind).split(`.${kind}.`)[0]);
  expect(Object.fromEntries(tokenClasses.map((kind, i) => [kind, general[i]]))).toEqual({
    certain: 'comment.line',
    copied: 'entity.name.function',
    constrained: 'constant.language',
    uncertain: 'invalid.illegal',
    likely: 'variable.other',
  });
});

test("a token's text has the colour of its class", () => {
  for (const kind of tokenClasses) {
    const scopes = lineScopes(line(kind));
    expect(scopes.find(([text]) => text === '"x"')?.[1]).toBe(ownScope(kind));
    expect(scopes.map(([text]) => text)).toEqual(['+', kind, 'model', '95.0%', '0.40n', '"x"']);
  }
});

test('the address of a place is a link of its own', () => {
  const scopes = lineScopes('  place untitled:Untitled-1#L1,1  python  version 1  asked by the user');
  expect(scopes[1]).toEqual(['untitled:Untitled-1#L1,1', 'markup.underline.link.slipstream-trace']);
});
