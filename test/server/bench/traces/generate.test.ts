import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { occurrences } from '../../../../server/bench/traces/edits';
import {
  type EditKind,
  type EditTrace,
  editKinds,
  generateTrace,
  traceEvents,
} from '../../../../server/bench/traces/generate';
import { applyEdits, inverse, mapOffset, toTraceChanges } from '../../../../server/bench/traces/text';
import { parseTraceLine } from '../../../../server/cli/trace';

const functionText = (name: string, i: number) =>
  `export function ${name}${i}(counter: number, items: string[]): string {\n  const total = counter + items.length;\n  const label = items.join(', ') + String(total);\n\n  report(label, total, counter);\n  return label.slice(0, counter);\n}\n`;
const text = Array.from({ length: 12 }, (_, i) => functionText('describe', i)).join('\n');
const donor = Array.from({ length: 12 }, (_, i) => functionText('other', i)).join('\n');
const source = { uri: 'file:///a.ts', languageId: 'typescript', text, donor };
const traceOf = (seed: number, steps = 120): EditTrace => generateTrace(source, seed, steps);
const seeds = fc.integer({ min: 0, max: 1e6 });

describe('an edit trace', () => {
  it('plays in an LSP document to the text that the generator believes in, at carets that exist', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const trace = traceOf(seed);
        const document = TextDocument.create(trace.uri, trace.languageId, 1, trace.text);
        for (const { changes, caret, text: believed } of trace.steps) {
          for (const change of changes) TextDocument.update(document, [...change], document.version + 1);
          expect(document.getText()).toBe(believed);
          expect(document.positionAt(document.offsetAt(caret))).toEqual(caret);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('has only lines that replay accepts, a request after each step', () => {
    const trace = traceOf(1);
    const events = traceEvents(trace);
    for (const event of events) expect(parseTraceLine(JSON.stringify(event), 'here')).toEqual(event);
    expect(events.filter((event) => 'complete' in event)).toHaveLength(trace.steps.length);
  });

  it('is the same for the same seed and another for another', () => {
    expect(traceOf(7)).toEqual(traceOf(7));
    expect(traceOf(7)).not.toEqual(traceOf(8));
  });

  it('has edits of every kind', () => {
    const kinds = new Set<EditKind>([1, 2, 3].flatMap((seed) => traceOf(seed).steps.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual([...editKinds].sort());
  });

  it('renames every occurrence in one change', () => {
    const renames = steps('rename');
    expect(renames.length).toBeGreaterThan(3);
    for (const { before, after, changes } of renames) {
      expect(changes).toHaveLength(1);
      const [first] = changes[0] ?? [];
      const { start, end } = first?.range ?? {
        start: { line: 0, character: 0 },
        end: { line: 0, character: 0 },
      };
      const old = before.split('\n')[start.line]?.slice(start.character, end.character) ?? '';
      expect(occurrences(before, old).length).toBeGreaterThanOrEqual(3);
      expect(occurrences(after, old)).toEqual([]);
      expect(occurrences(after, first?.text ?? '')).toHaveLength(occurrences(before, old).length);
    }
  });

  it('takes back with undo just what the edit before it did', () => {
    const undone = steps('undo');
    expect(undone.length).toBeGreaterThan(3);
    for (const { twoBefore, after } of undone) expect(after).toBe(twoBefore);
  });

  it('makes with redo just what undo took back', () => {
    const redone = steps('redo');
    expect(redone.length).toBeGreaterThan(0);
    for (const { twoBefore, after } of redone) expect(after).toBe(twoBefore);
  });

  it('pastes 5 to 20 lines', () => {
    const pastes = steps('paste');
    expect(pastes.length).toBeGreaterThan(0);
    for (const { before, after } of pastes) {
      const more = after.split('\n').length - before.split('\n').length;
      expect(more).toBeGreaterThanOrEqual(5);
      expect(more).toBeLessThanOrEqual(20);
    }
  });
});

/** Steps of a kind with the texts around them. */
function steps(kind: EditKind) {
  return [1, 2, 3, 4].flatMap((seed) => {
    const trace = traceOf(seed);
    const texts = [trace.text, ...trace.steps.map((step) => step.text)];
    return trace.steps.flatMap((step, i) =>
      step.kind === kind
        ? [{ before: texts[i] ?? '', twoBefore: texts[i - 1] ?? '', after: step.text, changes: step.changes }]
        : [],
    );
  });
}

describe('edits of a text', () => {
  const edited = fc
    .tuple(
      fc.string({ maxLength: 30 }),
      fc.array(fc.tuple(fc.nat(6), fc.nat(3), fc.string({ maxLength: 4 })), { maxLength: 4 }),
    )
    .map(([base, parts]) => {
      let at = 0;
      const edits = parts.flatMap(([gap, remove, insert]) => {
        const edit = { at: at + gap + 1, remove, insert };
        at = edit.at + remove;
        return at <= base.length ? [edit] : [];
      });
      return { base, edits };
    });

  it('are undone by their inverse', () => {
    fc.assert(
      fc.property(edited, ({ base, edits }) => {
        expect(applyEdits(applyEdits(base, edits), inverse(base, edits))).toBe(base);
      }),
    );
  });

  it('leave an offset that they do not touch before the same character', () => {
    fc.assert(
      fc.property(edited, fc.nat(30), ({ base, edits }, offset) => {
        const touched = edits.some(({ at, remove }) => at <= offset && offset < at + remove);
        fc.pre(offset < base.length && !touched);
        expect(applyEdits(base, edits)[mapOffset(offset, edits)]).toBe(base[offset]);
      }),
    );
  });

  it('mean the same as changes of LSP', () => {
    fc.assert(
      fc.property(edited, ({ base, edits }) => {
        const plain = base.replace(/\r/g, '');
        fc.pre(plain === base);
        const document = TextDocument.create('file:///a', 'x', 1, base);
        TextDocument.update(document, toTraceChanges(base, edits), 2);
        expect(document.getText()).toBe(applyEdits(base, edits));
      }),
    );
  });
});
