import type { Completion } from '../../../engine/index';
import type { EmptyReason } from '../../protocol';
import { type CaretContext, toLineFeeds } from '../caret';
import type { Place } from '../complete';
import type { CompletionResult } from '../result';
import { createRadixTree, type Removal } from './radixTree';
import { type Offered, restOf } from './rest';

/** What is known at a caret from requests before. */
export type Known =
  | {
      readonly kind: 'shown';
      /** In the document's line ending. */
      readonly text: string;
      readonly alternatives: readonly string[];
      /** What of the engine's completion stands before the caret already. */
      readonly typed: string;
      readonly completion: Completion;
      /** Whether it was cut short for lack of time, so that more may be had behind it. */
      readonly isCut: boolean;
    }
  | { readonly kind: 'empty'; readonly reason: EmptyReason; readonly message: string };

/** The completions of one document, by the text before the caret. */
export interface CompletionCache {
  add(place: Place, result: CompletionResult): void;
  find(caret: CaretContext): Known | undefined;
  clear(): void;
}

interface Entry extends Offered {
  /** The likeliest first; none where nothing was to be shown. */
  readonly texts: readonly string[];
  readonly result: CompletionResult;
}

/** As many as Copilot and Tabby keep. */
const mostEntries = 100;

/** Why nothing is shown at a place, for as long as it is as it was. Other reasons pass by themselves. */
const lasting: ReadonlySet<EmptyReason> = new Set([
  'low-confidence',
  'saves-nothing',
  'forced-off',
  'nothing-generated',
  'nothing-after-filters',
]);

/** Whether a completion was cut short for lack of time or room. */
export const isCut = ({ stopReason }: Completion) => stopReason === 'deadline' || stopReason === 'max-tokens';

/** Whether the caret is where analysis had too little time for this completion. It knows more by now. */
const isLateAt = ({ monitored }: Completion, typed: string) =>
  monitored.some(({ at, isLate }) => isLate === true && Math.max(0, at) === typed.length);

/**
 * Invariant: what is found begins with nothing that is not to be typed any more, and what stands behind the caret is what stood
 * behind it when it was generated, but for closing brackets of the editor's. Any other edit makes an entry unreachable.
 */
export function createCompletionCache(capacity = mostEntries): CompletionCache {
  let tree = createRadixTree<Entry>();
  /** The least recently used first. */
  const entries = new Map<Entry, Removal>();
  /** What most entries have behind them: one string for all, not one for each version of the document. */
  let latestSuffix = '';

  function use(entry: Entry): void {
    const remove = entries.get(entry);
    if (remove === undefined) return;
    entries.delete(entry);
    entries.set(entry, remove);
  }

  function found(entry: Entry, length: number, caret: CaretContext): Known | undefined {
    const { result } = entry;
    const typed = caret.prefix.slice(length);
    if (result.kind === 'empty') {
      const isHere = typed === '' && caret.suffix === entry.suffix;
      return isHere ? { kind: 'empty', reason: result.reason, message: result.message } : undefined;
    }
    if (isLateAt(result.completion, typed)) return undefined;
    const rests = entry.texts.map((text) => restOf(text, entry, typed, caret));
    const [text, ...alternatives] = [...new Set(rests.filter((rest) => rest !== undefined))];
    if (text === undefined) return undefined;
    const goesOn = rests[0] !== undefined && isCut(result.completion) && caret.suffix === entry.suffix;
    const behind = goesOn ? behindCut(entry, caret.prefix + text) : '';
    const finish = (rest: string) => rest.replaceAll('\n', caret.lineEnding);
    return {
      kind: 'shown',
      text: finish(text + behind),
      alternatives: alternatives.map(finish),
      typed,
      completion: result.completion,
      isCut: goesOn && behind === '',
    };
  }

  /** What was generated later where a completion was cut short. */
  function behindCut(entry: Entry, prefix: string): string {
    const next = tree.get(prefix);
    const [text] = next?.suffix === entry.suffix ? next.texts : [];
    return (entry.mode === 'line' ? text?.split('\n', 1)[0] : text) ?? '';
  }

  return {
    add({ caret, mode, languageId }, result) {
      if (result.kind === 'empty' && !lasting.has(result.reason)) return;
      const replaced = tree.get(caret.prefix);
      if (replaced !== undefined) entries.delete(replaced);
      if (latestSuffix !== caret.suffix) latestSuffix = caret.suffix;
      const texts = result.kind === 'empty' ? [] : [result.text, ...result.alternatives].map(toLineFeeds);
      const entry: Entry = { suffix: latestSuffix, mode, languageId, texts, result };
      entries.set(entry, tree.set(caret.prefix, entry));
      if (entries.size <= capacity) return;
      const [[oldest, remove] = []] = entries;
      if (oldest === undefined) return;
      entries.delete(oldest);
      remove?.();
    },

    find(caret) {
      let empty: Known | undefined;
      for (const { length, value } of tree.along(caret.prefix)) {
        const known = found(value, length, caret);
        if (known === undefined) continue;
        use(value);
        // An older completion that still fits is better than the news that there is none.
        if (known.kind === 'shown') return known;
        empty ??= known;
      }
      return empty;
    },

    clear() {
      tree = createRadixTree<Entry>();
      entries.clear();
      latestSuffix = '';
    },
  };
}
