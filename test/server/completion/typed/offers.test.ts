import { expect, it } from 'vitest';
import { createConduct } from '../../../../server/completion/typed/conduct';
import { createOffers } from '../../../../server/completion/typed/offers';

const seen = 1000;

/** What texts of the document, one after another, say of `total(items)` shown in the place of the bar. */
function verdicts(texts: readonly string[], after = ';\n', at = seen): (string | undefined)[] {
  const offers = createOffers();
  offers.show({ before: 'x = ', after, texts: ['total(items)', 'sum'], given: 0, line: 0, at: 0 });
  return texts.map((text) => offers.changed(text, at)?.verdict);
}

it.each([
  ['accepted at once', ['x = total(items);\n'], ['accepted']],
  ['an alternative accepted', ['x = sum;\n'], ['accepted']],
  ['accepted word by word', ['x = total;\n', 'x = total(items);\n'], ['accepted-in-part', 'accepted']],
  ['typed to its end', ['x = total(items;\n', 'x = total(items);\n'], ['accepted-in-part', 'typed']],
  ['typed over', ['x = c;\n', 'x = co;\n'], ['rejected', undefined]],
  ['left after its beginning', ['x = t;\n', 'x = ta;\n'], [undefined, undefined]],
  ['deleted into what stood before', ['x =;\n', 'x = c;\n'], [undefined, undefined]],
  ['changed elsewhere', ['// note\nx = ;\n', 'x = c;\n'], [undefined, undefined]],
])('%s', (_, texts, expected) => {
  expect(verdicts(texts)).toEqual(expected);
});

it('takes only its own characters for accepted, where something is selected in the list of suggestions', () => {
  const listed = { before: 'x = ', after: '', texts: ['console.log(x)'], given: 7, line: 0, at: 0 };
  const offers = createOffers();
  const follow = (...texts: string[]) => texts.map((text) => offers.changed(text, seen)?.verdict);
  offers.show(listed);
  expect(follow('x = cons', 'x = console', 'x = console.log')).toEqual([
    undefined,
    undefined,
    'accepted-in-part',
  ]);
  offers.show(listed);
  expect(follow('x = cons', 'x = const')).toEqual([undefined, 'rejected']);
});

it('counts a closing bracket that the editor writes to neither side', () => {
  expect(verdicts(['x = total();\n', 'x = total(i);\n'])).toEqual(['accepted-in-part', undefined]);
});

it('takes nothing for rejected that was there too short to be read', () => {
  expect(verdicts(['x = c;\n'], ';\n', 100)).toEqual([undefined]);
});

it('counts from when a text was shown first, however often its rest is answered again', () => {
  const offers = createOffers();
  offers.show({ before: 'x = ', after: '', texts: ['total'], given: 0, line: 0, at: 0 });
  offers.changed('x = t', 900);
  offers.show({ before: 'x = t', after: '', texts: ['otal'], given: 0, line: 0, at: 900 });
  // It was begun, so it was not rejected.
  expect(offers.changed('x = tx', 1000)).toBeUndefined();
  offers.show({ before: 'x = tx', after: '', texts: ['y'], given: 0, line: 0, at: 1000 });
  offers.show({ before: 'x = tx', after: '', texts: ['y'], given: 0, line: 0, at: 1290 });
  expect(offers.changed('x = txz', 1300)?.verdict).toBe('rejected');
});

it('keeps quiet on a line after three rejections in a row, for longer with each further one, and not for ever', () => {
  const conduct = createConduct();
  const uri = 'file:///a.ts';
  let now = 0;
  let text = '';
  const reject = () => {
    conduct.shown(uri, { before: text, after: '', texts: ['good'], given: 0, line: 3, at: now });
    now += 500;
    text += 'x';
    return conduct.changed(uri, text, now);
  };
  expect([reject(), reject()]).toEqual(['rejected', 'rejected']);
  expect(conduct.pausedMs(uri, 3, now)).toBe(0);
  reject();
  const first = conduct.pausedMs(uri, 3, now);
  expect(first).toBe(5000);
  expect(conduct.pausedMs(uri, 4, now)).toBe(0);
  expect(conduct.pausedMs(uri, 3, now + 5000)).toBe(0);
  reject();
  expect(conduct.pausedMs(uri, 3, now)).toBeGreaterThan(first);

  now += 60_000;
  reject();
  expect(conduct.pausedMs(uri, 3, now)).toBe(0);
});

it('is forgiven at once when something is accepted', () => {
  const conduct = createConduct();
  const uri = 'file:///a.ts';
  const offer = { before: '', after: '', texts: ['good'], given: 0, line: 0, at: 0 };
  for (let i = 0; i < 3; i++) {
    conduct.shown(uri, { ...offer, before: 'x'.repeat(i) });
    conduct.changed(uri, 'x'.repeat(i + 1), seen);
  }
  expect(conduct.pausedMs(uri, 0, seen)).toBe(5000);
  conduct.shown(uri, { ...offer, before: 'xxx' });
  expect(conduct.changed(uri, 'xxxgood', seen)).toBe('accepted');
  expect(conduct.pausedMs(uri, 0, seen)).toBe(0);
});
