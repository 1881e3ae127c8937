import { expect, test } from 'vitest';
import { explainToken, parsePlaceLine, parseTokenLine } from '../../client/traceLine';

test('a token is explained with probability, entropy, origin and what was forbidden', () => {
  const line =
    '    + constrained  copy        12.5%  2.30n  ".price`s"  instead of ".cost"  rather than ".name"';
  const details = parseTokenLine(line);
  expect(details).toEqual({
    class: 'constrained',
    source: 'copy',
    probability: 12.5,
    entropy: 2.3,
    text: '.price`s',
    insteadOf: '.cost',
    ratherThan: '.name',
  });
  const text = details === undefined ? '' : explainToken(details);
  expect(text).toContain('**constrained**: Tokens were ruled out');
  expect(text).toContain('`` ".price`s" ``');
  expect(text).toContain('12.5 %');
  expect(text).toContain('2.3 nats, as if there were 10 equal choices');
  expect(text).toContain('copy speculation');
  expect(text).toContain('forbidden here: ` ".cost" `');
  expect(text).toContain('more likely at first: ` ".name" `');
});

test.each(['', '# + model', '  cache  kept 1', '  text "a"'])('%j is no token', (line) => {
  expect(parseTokenLine(line)).toBeUndefined();
});

test('a place is where its address stands', () => {
  const line = '  place file:///work/cart.ts#L12,5  typescript  version 3  asked by typing';
  const place = parsePlaceLine(line);
  expect(place?.uri).toBe('file:///work/cart.ts#L12,5');
  expect(line.slice(place?.start, place?.end)).toBe(place?.uri);
  expect(parsePlaceLine('  text "place x"')).toBeUndefined();
});
