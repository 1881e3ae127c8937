import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CompletionResult } from '../../../../server/completion/result';
import { createCompletionCache } from '../../../../server/completion/typed/completionCache';
import { nothing, placeBetween, shown } from './support';

const unit = fc.constantFrom('a', 'b', '(', ')', '\n');
const text = (maxLength: number) => fc.string({ unit, maxLength });
const visible = text(6).filter((one) => one.trim() !== '');
const entry = fc.record({
  prefix: text(5),
  suffix: text(3),
  texts: fc.uniqueArray(visible, { minLength: 1, maxLength: 2 }),
});
type Entry = { prefix: string; suffix: string; texts: string[] };
/** Where somebody may be: somewhere in what an entry says, with or without a closing bracket of the editor's. */
const question = fc.record({
  entry: fc.nat(),
  text: fc.nat(),
  typed: fc.nat({ max: 6 }),
  other: text(2),
  closed: fc.constantFrom('', ')', 'x'),
});

/** Whether some entry says this text here, its part before the caret typed already. */
function isSaid(entries: Iterable<Entry>, before: string, after: string, answer: string): boolean {
  return [...entries].some(({ prefix, suffix, texts }) => {
    if (!before.startsWith(prefix) || !after.endsWith(suffix)) return false;
    const typed = before.slice(prefix.length);
    const written = after.slice(0, after.length - suffix.length);
    return texts.some((whole) => {
      if (!whole.startsWith(typed + answer)) return false;
      const rest = whole.slice(typed.length + answer.length);
      return written === '' ? rest === '' : rest.trimStart().startsWith(written);
    });
  });
}

it('says what was said before and goes on with what is typed, and nothing that the text behind the caret contradicts', () => {
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 1, maxLength: 8 }),
      fc.array(question, { minLength: 1, maxLength: 12 }),
      (entries, questions) => {
        const cache = createCompletionCache();
        const latest = new Map<string, Entry>();
        for (const one of entries) {
          const [first = '', ...others] = one.texts;
          cache.add(placeBetween(one.prefix, one.suffix), shown(first, others));
          latest.set(one.prefix, one);
        }
        for (const asked of questions) {
          const from = entries[asked.entry % entries.length] as Entry;
          const whole = from.texts[asked.text % from.texts.length] as string;
          const before = from.prefix + whole.slice(0, asked.typed) + asked.other;
          const after = asked.closed + from.suffix;
          const known = cache.find(placeBetween(before, after).caret);
          if (known?.kind === 'shown') {
            for (const answer of [known.text, ...known.alternatives])
              expect(isSaid(latest.values(), before, after, answer)).toBe(true);
          }
          const goesOn = [...latest.values()].some(
            ({ prefix, suffix, texts }) =>
              suffix === after &&
              before.startsWith(prefix) &&
              texts.some((one) => {
                const typed = before.slice(prefix.length);
                return one.startsWith(typed) && one.slice(typed.length).trim() !== '';
              }),
          );
          if (goesOn) expect(known?.kind).toBe('shown');
        }
      },
    ),
  );
});

describe('what is known at a caret', () => {
  const before = 'const total = ';
  const after = ';\nnext();\n';
  const known = (typed: string, behind = after) => {
    const cache = createCompletionCache();
    cache.add(placeBetween(before, after), shown('sum(items)', ['max(items)']));
    const found = cache.find(placeBetween(before + typed, behind).caret);
    return found?.kind === 'shown' ? [found.text, ...found.alternatives] : found?.kind;
  };

  it.each([
    ['nothing typed', '', ['sum(items)', 'max(items)']],
    ['a word accepted', 'sum(', ['items)']],
    ['an alternative typed', 'ma', ['x(items)']],
    ['all typed', 'sum(items)', undefined],
    ['something else typed', 'su_', undefined],
  ])('%s', (_, typed, expected) => {
    expect(known(typed)).toEqual(expected);
  });

  it('goes up to a bracket that the editor has closed by itself', () => {
    expect(known('sum(', `)${after}`)).toEqual(['items']);
    expect(known('sum(items', `)${after}`)).toBeUndefined();
  });

  it('does not hold where something else stands behind the caret', () => {
    expect(known('sum', `.length${after}`)).toBeUndefined();
    expect(known('sum', ';\nother();\n')).toBeUndefined();
    expect(known('', `)${after}`)).toBeUndefined();
  });

  it('is in the line ending of the document', () => {
    const cache = createCompletionCache();
    cache.add(placeBetween('if (a) {\r\n', '\r\n}\r\n'), shown('  b();\r\n  c();'));
    expect(cache.find(placeBetween('if (a) {\r\n  b', '\r\n}\r\n').caret)).toMatchObject({
      text: '();\r\n  c();',
    });
  });

  it('goes on behind a completion that was cut short, once that is known', () => {
    const cache = createCompletionCache();
    cache.add(placeBetween('a = ', '\n'), shown('one.t', [], 'deadline'));
    expect(cache.find(placeBetween('a = o', '\n').caret)).toMatchObject({ text: 'ne.t', isCut: true });
    cache.add(placeBetween('a = one.t', '\n'), shown('wo()'));
    expect(cache.find(placeBetween('a = o', '\n').caret)).toMatchObject({ text: 'ne.two()', isCut: false });
    cache.add(placeBetween('b = ', '\n'), shown('one.t'));
    cache.add(placeBetween('b = one.t', '\n'), shown('wo()'));
    expect(cache.find(placeBetween('b = o', '\n').caret)).toMatchObject({ text: 'ne.t' });
  });

  it('tells that there is nothing, at the very place, unless an older completion still fits', () => {
    const cache = createCompletionCache();
    cache.add(placeBetween('a = b', ''), nothing());
    expect(cache.find(placeBetween('a = b', '').caret)).toMatchObject({ reason: 'nothing-generated' });
    expect(cache.find(placeBetween('a = bc', '').caret)).toBeUndefined();
    cache.add(placeBetween('a = ', ''), shown('bcd'));
    expect(cache.find(placeBetween('a = b', '').caret)).toMatchObject({ text: 'cd' });
  });

  it('is asked for anew where analysis had come too late, and goes on everywhere else', () => {
    const cache = createCompletionCache();
    const late = { kinds: ['member'], at: 5, reason: 'late', isLate: true, ms: 30 };
    const { completion, ...rest } = shown('ship.speed') as CompletionResult & { kind: 'shown' };
    cache.add(placeBetween('a = ', ''), { ...rest, completion: { ...completion, monitored: [late] } });
    const kinds = ['', 'shi', 'ship', 'ship.', 'ship.s'].map(
      (typed) => cache.find(placeBetween(`a = ${typed}`, '').caret)?.kind,
    );
    expect(kinds).toEqual(['shown', 'shown', 'shown', undefined, 'shown']);
  });

  it('does not remember reasons that pass by themselves', () => {
    const cache = createCompletionCache();
    cache.add(placeBetween('a', ''), { ...nothing(), kind: 'empty', reason: 'cancelled', message: '' });
    expect(cache.find(placeBetween('a', '').caret)).toBeUndefined();
  });
});

it('forgets what was used least recently', () => {
  const cache = createCompletionCache(2);
  const at = (name: string) => placeBetween(`${name} = `, '');
  cache.add(at('a'), shown('1'));
  cache.add(at('b'), shown('2'));
  cache.find(at('a').caret);
  cache.add(at('c'), shown('3'));
  const texts = ['a', 'b', 'c'].map((name) => {
    const known = cache.find(at(name).caret);
    return known?.kind === 'shown' ? known.text : undefined;
  });
  expect(texts).toEqual(['1', undefined, '3']);
});

it('answers within a millisecond in a large document', () => {
  const line = 'const something = compute(other, things);\n';
  const large = line.repeat(30_000);
  const cache = createCompletionCache();
  for (let i = 0; i < 100; i++) cache.add(placeBetween(`${large}a${i} = `, large), shown(`value${i}`));
  const places = Array.from({ length: 20 }, (_, i) => placeBetween(`${large}a${i} = val`, large));
  const started = performance.now();
  for (const { caret } of places) expect(cache.find(caret)?.kind).toBe('shown');
  expect((performance.now() - started) / places.length).toBeLessThan(1);
});
