import type { MonitorOptions, MonitorOracle } from '../../engine/index';
import { type SelectedSuggestion, toLineFeeds } from '../completion/caret';
import type { CompletionDocument } from '../completion/document';
import type { Position } from '../completion/guards';
import type { Analyst } from './analyst';

export interface Watch {
  readonly monitors: MonitorOptions;
  readonly oracle: MonitorOracle;
}

/** Of the time for an answer: one question, and all together. Of an editor's 600 ms that makes 120 and 300. */
const questionShare = 0.2;
const completionShare = 0.5;

/** Lets static analysis watch over a completion at a place; undefined where it knows nothing of such documents. */
export function watch(
  analyst: Analyst,
  document: CompletionDocument,
  position: Position,
  selected: SelectedSuggestion | undefined,
  deadlineMs: number,
): Watch | undefined {
  const { uri, languageId } = document;
  const triggers = analyst.triggers(uri, languageId);
  if (triggers.length === 0) return undefined;
  const text = document.getText();
  const caret = document.offsetAt(selected?.range.start ?? position);
  const before = toLineFeeds(text.slice(0, caret)) + (selected?.text ?? '');
  const after = toLineFeeds(text.slice(document.offsetAt(selected?.range.end ?? position)));
  return {
    monitors: {
      triggers,
      questionMs: questionShare * deadlineMs,
      completionMs: completionShare * deadlineMs,
    },
    oracle: ({ kinds, back, text: written }, signal) =>
      analyst.ask({
        uri,
        languageId,
        kinds,
        before: before.slice(0, before.length - back) + written,
        after,
        caret: before.length,
        signal,
      }),
  };
}

/** Each language is the first one's that has a say in it. */
export function firstOf(analysts: readonly Analyst[]): Analyst {
  const knowing = (uri: string, languageId: string) =>
    analysts.find((analyst) => analyst.triggers(uri, languageId).length > 0);
  return {
    triggers: (uri, languageId) => knowing(uri, languageId)?.triggers(uri, languageId) ?? [],
    ask: async (hypothesis) =>
      knowing(hypothesis.uri, hypothesis.languageId)?.ask(hypothesis) ?? {
        reason: 'Nobody knows this language.',
      },
    signatures: async (place, room) => knowing(place.uri, place.languageId)?.signatures(place, room) ?? [],
    changed(files) {
      for (const analyst of analysts) analyst.changed?.(files);
    },
    async dispose() {
      await Promise.all(analysts.map((analyst) => analyst.dispose()));
    },
  };
}
