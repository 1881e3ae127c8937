import type { TraceChange, TracePosition } from '../../cli/trace';
import { deletion, type Edit, insertion, paste, pick, type Random, rename } from '../traces/edits';
import { applyEdits, inverse, linesOf, positionAt, type TextEdit, toTraceChanges } from '../traces/text';

export interface SoakStep {
  readonly changes: readonly TraceChange[];
  readonly caret: TracePosition;
}

/** Edits a document at random, for ever, within a length. */
export interface RandomEditor {
  readonly text: string;
  next(): SoakStep;
}

const edits: readonly Edit[] = [insertion, deletion, paste, rename];

/**
 * Types, deletes, inserts, renames, pastes and takes back, with the caret jumping about; a text that grows beyond `limit`
 * characters becomes the first one again in one change.
 */
export function randomEditor(start: string, donor: string, limit: number, random: Random): RandomEditor {
  let text = start;
  let caret = start.length;
  let undo: TextEdit[] | undefined;

  const apply = (made: TextEdit[]): TraceChange[] | undefined => {
    const changed = applyEdits(text, made);
    if (changed.length > limit || changed.length < start.length / 4) return undefined;
    const changes = toTraceChanges(text, made);
    undo = inverse(text, made);
    text = changed;
    return changes;
  };
  const typing = (): TextEdit[] => {
    const characters = pick(['a', '.', '(', ')', ' ', ';', '\n', '=', 'const ', 'return '], random) ?? 'a';
    const at = caret;
    caret += characters.length;
    return [{ at, remove: 0, insert: characters }];
  };
  const choose = (): TextEdit[] | undefined => {
    const dice = random(10);
    if (dice < 5) return typing();
    if (dice === 5 && undo !== undefined) return undo;
    if (dice === 6 && caret > 0) {
      caret -= 1;
      return [{ at: caret, remove: 1, insert: '' }];
    }
    return pick(edits, random)?.({ text, caret }, donor, random);
  };

  return {
    get text() {
      return text;
    },
    next() {
      if (random(5) === 0) caret = pick(linesOf(text), random)?.end ?? 0;
      const made = choose();
      let changes = made && apply(made);
      if (changes === undefined) {
        text = start;
        undo = undefined;
        changes = [{ text: start }];
      }
      caret = Math.min(caret, text.length);
      return { changes, caret: positionAt(text, caret) };
    },
  };
}
