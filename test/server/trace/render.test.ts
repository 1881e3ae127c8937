import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePlaceLine, parseTokenLine } from '../../../client/traceLine';
import { renderTrace } from '../../../server/trace/render';
import { createRing } from '../../../server/trace/ring';
import { type TokenClass, tokenClasses } from '../../../server/trace/tokenClass';
import { lineRule } from '../../syntaxes/grammar';
import { completionOf, requestOf, token } from './requests';

test('a request tells where, what, of which prompt, by which tokens and how long', () => {
  const fallback = 'The cache is larger than its budget.';
  const completion = completionOf(
    [
      token('item', 0.95),
      token('.price', 0.6, { constrained: true, instead: '.cost' }),
      token(' *', 0.2, { entropy: 2.5 }),
      token(' item', 0.99, { source: 'copy', entropy: 0.01 }),
      token('s', 0.4),
    ],
    {
      alternatives: ['items'],
      cache: { kept: 0, shifted: 0, encoded: 1234, stale: 0, fallback },
      monitored: [
        { kinds: ['members'], at: 4, legal: 3, ms: 12.34 },
        { kinds: ['calls', 'values'], at: 9, reason: 'It is any.', ms: 1 },
      ],
      lookahead: { pauses: 1, forwards: 2, changes: [{ at: 2, instead: ' +' }] },
    },
  );
  expect(
    renderTrace([requestOf(completion)])
      .split('\n')
      .slice(6),
  ).toEqual([
    'request 7  03:04:05.678  my cart.ts:10:5  shown in 43.0ms  fresh',
    '  place file:///work/my%20cart.ts#L10,5  typescript  version 12  asked by typing',
    '  text "item.price * items"',
    '  alternative "items"',
    '  prompt 1,234 tokens  model default (int8)  device cpu',
    '    segment suffix  234 tokens',
    '    segment prefix  998 tokens  omitted 4,321 characters',
    `  cache  kept 0  shifted 0  encoded 1234  stale 0  because "${fallback}"`,
    '  monitor members  at 4  legal 3  12.3ms',
    '  monitor calls,values  at 9  because "It is any."  1.0ms',
    '  tokens 5  forwards 3  drafted 4  accepted 2  rollbacks 1  lookahead 1 forwards 2  threshold 2.00n',
    '    + certain      model       95.0%  0.50n  "item"',
    '    + constrained  model       60.0%  0.50n  ".price"  instead of ".cost"',
    '    + uncertain    model       20.0%  2.50n  " *"  rather than " +"',
    '    + copied       copy        99.0%  0.01n  " item"',
    '    + likely       model       40.0%  0.50n  "s"',
    '  = line-end',
    '  time  prompt 0.2ms  prefill 12.0ms  decode 30.0ms  monitor 5.0ms  total 43.0ms',
    '',
  ]);
});

test('a request without an answer tells why, and the newest comes first', () => {
  const request = requestOf(completionOf([]));
  const message = 'Completions are off for markdown.';
  const empty = { kind: 'empty', reason: 'language-off', message, totalMs: 0.1 } as const;
  const text = renderTrace([request, { ...request, number: 8, isAutomatic: false, result: empty }]);
  expect(text).toMatch(/request 8 {2}\S+ {2}my cart\.ts:10:5 {2}empty language-off\n.*asked by the user\n/);
  expect(text).toContain(`\n  ! ${message}\n  time  total 0.1ms\n`);
  expect(text.indexOf('request 8')).toBeLessThan(text.indexOf('request 7'));
});

test('an empty trace says what to do', () => {
  expect(renderTrace([])).toContain('type in a file');
});

test('what of other files the prompt showed has its place and its reason, and filters tell what they left', () => {
  const context = [
    {
      source: 'edits',
      uri: 'file:///work/two words.ts',
      lines: [3, 9],
      tokens: 1040,
      why: 'edited, and 61 % like the text',
    },
    { source: 'clipboard', uri: 'clipboard:', tokens: 7, why: 'what the clipboard holds' },
  ] as const;
  const request = requestOf(completionOf([token('a', 0.5)]));
  if (request.result.kind !== 'shown') throw new Error('it is shown');
  const filtered = [
    { filter: 'cutRepetition', text: 'a b' },
    { filter: 'keepOneLine', text: 'a' },
  ];
  const completion = { ...request.result.completion, context, filtered };
  const result = { ...request.result, source: 'cache', typedSince: 'it', completion } as const;
  const text = renderTrace([{ ...request, result }]);
  expect(text).toContain('shown in 43.0ms  cache\n');
  expect(text).toContain(
    '\n  typed "it"\n  text "a"\n  filter cutRepetition  left "a b"\n  filter keepOneLine  left "a"\n',
  );
  expect(text).toContain(
    '\n    snippet file:///work/two%20words.ts#L3-9  edits  1,040 tokens  because "edited, and 61 % like the text"\n',
  );
  const places = text.split('\n').flatMap((line) => parsePlaceLine(line)?.uri ?? []);
  expect(places).toEqual(['file:///work/my%20cart.ts#L10,5', 'file:///work/two%20words.ts#L3-9']);
  expect(text.split('\n').filter((line) => line !== '' && lineRule(line) === undefined)).toEqual([]);
});

test('tokens that write again what stands before the caret are left out, and the others keep what is told of them', () => {
  const completion = completionOf([token('fo', 0.9), token('obar', 0.5)], {
    typed: 'foo',
    lookahead: { pauses: 1, forwards: 2, changes: [{ at: 1, instead: 'o' }] },
  });
  const text = renderTrace([requestOf(completion)]);
  expect(text).toContain('healed "foo"');
  expect(text.split('\n').flatMap((line) => parseTokenLine(line) ?? [])).toEqual([
    { class: 'likely', source: 'model', probability: 50, entropy: 0.5, text: 'bar', ratherThan: 'o' },
  ]);
});

const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"', '\\', '\n', '\r\n', '\u2028', '  instead of "x"', '`', '\0', '\ud800'),
);
const anyToken = fc.record({
  text: anyText,
  logprob: fc.double({ min: -30, max: 0, noNaN: true }),
  entropy: fc.double({ min: 0, max: 11, noNaN: true }),
  source: fc.constantFrom('model', 'copy', 'lookahead'),
  constrained: fc.boolean(),
});
const withInstead = fc
  .tuple(anyToken, fc.option(anyText, { nil: undefined }))
  .map(([one, instead]) => (instead === undefined ? one : { ...one, instead }));

test('whatever tokens, texts and names hold: one line for each, which the grammar and the reader understand', () => {
  const property = fc.property(
    fc.array(withInstead, { maxLength: 6 }),
    anyText,
    fc.option(fc.constant(2), { nil: undefined }),
    fc.webUrl({ withFragments: true }),
    (tokens, message, threshold, uri) => {
      const completion = completionOf(tokens, { text: message, alternatives: [message] });
      const result = { kind: 'empty', reason: 'deadline', message, completion, totalMs: 1 } as const;
      const shown = requestOf(completion, { threshold, uri });
      const lines = renderTrace([shown, { ...shown, result }])
        .trimEnd()
        .split('\n');
      expect(lines.filter((line) => line !== '' && lineRule(line) === undefined)).toEqual([]);
      const read = lines.flatMap((line) => parseTokenLine(line) ?? []);
      expect(read.map(({ text }) => text)).toEqual([...tokens, ...tokens].map(({ text }) => text));
      expect(read.map(({ insteadOf }) => insteadOf)).toEqual(
        [...tokens, ...tokens].map((one) => ('instead' in one ? one.instead : undefined)),
      );
      for (const one of read) expect(tokenClasses).toContain(one.class as TokenClass);
      const places = lines.flatMap((line) => parsePlaceLine(line) ?? []);
      const address = uri.includes('#') ? uri : `${uri}#L10,5`;
      expect(places.map((place) => place.uri)).toEqual([address, address]);
    },
  );
  fc.assert(property);
});

test('the ring keeps the latest', () => {
  const ring = createRing<number>(3);
  for (const entry of [1, 2, 3, 4, 5]) ring.add(entry);
  expect(ring.list()).toEqual([3, 4, 5]);
});
