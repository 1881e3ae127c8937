import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createCounter } from '../../../server/statistics/counter';
import {
  added,
  type LanguageCounts,
  noLanguageCounts,
  noStatistics,
} from '../../../server/statistics/counts';
import { createWatcher } from '../../../server/statistics/watcher';
import { completionOf, requestOf } from '../trace/requests';

const uri = 'file:///a.ts';

/** A document with a watcher that hears of it what the server tells. */
function session(text: string) {
  const document = TextDocument.create(uri, 'typescript', 1, text);
  const counter = createCounter();
  const watcher = createWatcher(counter, (asked) =>
    asked === uri
      ? { text: document.getText(), offsetAt: (position) => document.offsetAt(position) }
      : undefined,
  );
  let all = noStatistics();
  let number = 0;
  return {
    document,
    watcher,
    edit(start: number, removedLength: number, inserted: string) {
      const removed = document.getText().slice(start, start + removedLength);
      const range = { start: document.positionAt(start), end: document.positionAt(start + removed.length) };
      TextDocument.update(document, [{ range, text: inserted }], document.version + 1);
      watcher.replaced(uri, { start, removed, inserted, before: '' });
    },
    /** @param listed what is selected in the list of suggestions, and where the word begins that it replaces */
    show(at: number, text: string, alternatives: string[] = [], listed?: { from: number; text: string }) {
      const completion = completionOf([], { text });
      const position = document.positionAt(at);
      const selected = listed && {
        range: { start: document.positionAt(listed.from), end: position },
        text: listed.text,
      };
      const result = { kind: 'shown', source: 'fresh', text, alternatives, completion, totalMs: 5 } as const;
      watcher.finished(
        requestOf(completion, { uri, number: ++number, position, result, ...(selected && { selected }) }),
      );
      return number;
    },
    counts(): LanguageCounts {
      all = added(all, counter.take() ?? noStatistics());
      return all.languages.typescript ?? noLanguageCounts();
    },
    statistics() {
      all = added(all, counter.take() ?? noStatistics());
      return all;
    },
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a suggestion', () => {
  test('that is accepted as a whole counts once, whether the editor says so or not', () => {
    for (const isTold of [true, false]) {
      const { show, edit, watcher, counts } = session('const a = ;\n');
      const number = show(10, 'value');
      edit(10, 0, 'value');
      if (isTold) watcher.accepted(uri, number);
      expect(counts()).toMatchObject({ shown: 1, accepted: 1, partly: 0, characters: 5 });
    }
  });

  test('counts only what is its own, where something is selected in the list of suggestions', () => {
    const offered = () => {
      const one = session('a = item.pr;\n');
      const number = one.show(11, ' * count', [], { from: 9, text: 'price' });
      return { ...one, number };
    };
    const listed = offered();
    listed.edit(11, 0, 'ice');
    expect(listed.counts()).toMatchObject({ shown: 1, accepted: 0, characters: 0 });
    listed.edit(14, 0, ' * count');
    expect(listed.counts()).toMatchObject({ accepted: 1, partly: 0, characters: 8 });
    const atOnce = offered();
    atOnce.edit(11, 0, 'ice * count');
    expect(atOnce.counts()).toMatchObject({ accepted: 1, partly: 0, characters: 8 });
    const replaced = offered();
    replaced.edit(9, 2, 'price * count');
    replaced.watcher.accepted(uri, replaced.number);
    expect(replaced.counts()).toMatchObject({ accepted: 1, partly: 0, characters: 8 });
  });

  test('that is typed does not count as accepted, and is one, however often it is answered', () => {
    const { show, edit, counts } = session('const a = ;\n');
    show(10, 'value');
    for (const [i, letter] of [...'valu'].entries()) {
      edit(10 + i, 0, letter);
      show(11 + i, 'value'.slice(i + 1));
    }
    edit(13, 1, '');
    show(13, 'ue + 1');
    expect(counts()).toMatchObject({ shown: 1, accepted: 0, characters: 0 });
  });

  test('brackets and indentation that the editor writes by itself are not accepted', () => {
    const { show, edit, counts } = session('f\n');
    show(1, '()');
    edit(1, 0, '()');
    show(3, ' {\n  g();\n}');
    edit(3, 0, ' {');
    edit(5, 0, '\n  ');
    expect(counts()).toMatchObject({ shown: 2, characters: 2, accepted: 1, partly: 1 });
  });

  test('that the editor accepts with a single character counts', () => {
    const { show, edit, watcher, counts } = session('f(\n');
    const number = show(2, ')');
    edit(2, 0, ')');
    watcher.accepted(uri, number);
    expect(counts()).toMatchObject({ shown: 1, accepted: 1, partly: 0, characters: 1 });
  });

  test('that is accepted word by word counts once, partly until it is whole', () => {
    const { show, edit, counts } = session('const a = ;\n');
    show(10, 'one + two');
    edit(10, 0, 'one');
    expect(counts()).toMatchObject({ shown: 1, accepted: 1, partly: 1, characters: 3 });
    show(13, ' + two');
    edit(13, 0, ' + two');
    expect(counts()).toMatchObject({ shown: 1, accepted: 1, partly: 0, characters: 9 });
    show(19, ' + three');
    expect(counts()).toMatchObject({ shown: 2, accepted: 1 });
  });

  test('an alternative counts as much, and other text does not', () => {
    const { show, edit, counts } = session('const a = ;\n');
    show(10, 'value', ['other', 'third']);
    edit(10, 0, 'other');
    expect(counts()).toMatchObject({ shown: 1, accepted: 1, partly: 0, characters: 5 });
    show(15, ' + 1');
    edit(15, 0, ' - 2');
    expect(counts()).toMatchObject({ shown: 2, accepted: 1 });
  });
});

describe('what was accepted', () => {
  const accept = () => {
    const open = session('// first\nconst a = ;\n');
    open.show(19, 'compute(first, second)');
    open.edit(19, 0, 'compute(first, second)');
    return open;
  };

  test('is kept while most of it is there, wherever it moves', () => {
    const { edit, counts } = accept();
    edit(0, 0, '// another line\n');
    edit(16 + 19 + 8, 5, 'third');
    vi.advanceTimersByTime(30_000);
    expect(counts()).toMatchObject({ kept30s: 1, changed30s: 0, kept5min: 0, changed5min: 0 });
    edit(16 + 19, 15, 'f(');
    vi.advanceTimersByTime(300_000);
    expect(counts()).toMatchObject({ kept30s: 1, changed30s: 0, kept5min: 0, changed5min: 1 });
  });

  test('is changed when it was deleted, and neither when the document is gone', () => {
    const deleted = accept();
    deleted.edit(19, 22, '');
    vi.advanceTimersByTime(400_000);
    expect(deleted.counts()).toMatchObject({ changed30s: 1, changed5min: 1 });
    const closed = accept();
    closed.watcher.closed(uri);
    vi.advanceTimersByTime(400_000);
    expect(closed.counts()).toMatchObject({ accepted: 1, kept30s: 0, changed30s: 0 });
  });

  test('is found again where everything was written anew', () => {
    const { edit, document, counts } = accept();
    edit(0, document.getText().length, `"use strict";\n${document.getText()}`);
    vi.advanceTimersByTime(400_000);
    expect(counts()).toMatchObject({ kept30s: 1, kept5min: 1 });
  });
});

test('whatever is shown, typed, accepted and closed: the counts add up', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'b', '(', ')', ' ', '\n', '\r'),
    minLength: 1,
    maxLength: 8,
  });
  const step = fc.oneof(
    fc.record({ kind: fc.constant('show' as const), at: fc.nat(60), text, alternative: text }),
    fc.record({ kind: fc.constant('edit' as const), at: fc.nat(60), removed: fc.nat(5), text }),
    fc.record({ kind: fc.constant('type' as const), length: fc.nat(8) }),
    fc.record({ kind: fc.constant('accept' as const), back: fc.nat(2) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(200_000) }),
    fc.record({ kind: fc.constant('close' as const) }),
  );
  const property = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const open = session('a b\n(a)\n');
    let last = { at: 0, text: '', number: 0 };
    let answers = 0;
    const length = () => open.document.getText().length;
    for (const one of steps) {
      if (one.kind === 'show') {
        const at = Math.min(one.at, length());
        last = { at, text: one.text, number: open.show(at, one.text, [one.alternative]) };
        answers++;
      } else if (one.kind === 'edit') open.edit(Math.min(one.at, length()), one.removed, one.text);
      else if (one.kind === 'type') {
        const typed = last.text.slice(0, one.length);
        open.edit(Math.min(last.at, length()), 0, typed);
        last = { ...last, at: last.at + typed.length, text: last.text.slice(typed.length) };
      } else if (one.kind === 'accept') open.watcher.accepted(uri, last.number - one.back);
      else if (one.kind === 'wait') vi.advanceTimersByTime(one.ms);
      else open.watcher.closed(uri);

      const counts = open.counts();
      for (const count of Object.values(counts)) expect(count).toBeGreaterThanOrEqual(0);
      expect(counts.shown).toBeLessThanOrEqual(answers);
      expect(counts.accepted).toBeLessThanOrEqual(counts.shown);
      expect(counts.partly).toBeLessThanOrEqual(counts.accepted);
      expect(counts.kept30s + counts.changed30s).toBeLessThanOrEqual(counts.accepted);
      expect(counts.kept5min + counts.changed5min).toBeLessThanOrEqual(counts.kept30s + counts.changed30s);
    }
    const { latency, days } = open.statistics();
    expect((latency.fresh ?? []).reduce((sum, count) => sum + count, 0)).toBe(answers);
    const byDay = Object.values(days);
    expect(byDay.reduce((sum, { shown }) => sum + shown, 0)).toBe(open.counts().shown);
    expect(byDay.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(open.counts().accepted);
  });
  fc.assert(property, { numRuns: 300 });
});
