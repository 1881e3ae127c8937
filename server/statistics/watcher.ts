import type { FinishedRequest } from '../completion/finished';
import { isSuperseded } from '../completion/result';
import type { Replacement } from '../documents/changes';
import type { Counter } from './counter';
import { isKept, moved, type Span } from './range';
import { follow, goesOn, type Suggestion, type SuggestionDocument, suggestionOf } from './suggestion';

/** Follows what is shown and what becomes of it, and counts. It holds text in memory and gives none away. */
export interface Watcher {
  finished(request: FinishedRequest): void;
  replaced(uri: string, replacement: Replacement): void;
  /** The editor says that all of an answer was accepted. */
  accepted(uri: string, number: number): void;
  closed(uri: string): void;
  dispose(): void;
}

interface Accepted {
  readonly uri: string;
  readonly languageId: string;
  span: Span;
  text: string;
  readonly timers: readonly NodeJS.Timeout[];
}

interface Watched {
  suggestion: Suggestion;
  /** Of all requests that it answered. */
  readonly numbers: Set<number>;
  accepted?: Accepted;
  isPartly: boolean;
}

/** When it is looked at again whether an accepted text is still there: ms, and where that is counted. */
const looks = [
  [30_000, 'kept30s', 'changed30s'],
  [300_000, 'kept5min', 'changed5min'],
] as const;

/** More versions of one suggestion are not remembered. */
const mostTexts = 16;

/** @param documentOf the text of an open document as it is now */
export function createWatcher(
  counter: Counter,
  documentOf: (uri: string) => SuggestionDocument | undefined,
): Watcher {
  /** What was shown last in each document. */
  const shown = new Map<string, Watched>();
  const kept = new Set<Accepted>();

  function look(
    one: Accepted,
    ifKept: (typeof looks)[number][1],
    ifChanged: (typeof looks)[number][2],
  ): void {
    const document = documentOf(one.uri);
    if (document === undefined) return;
    const now = document.text.slice(one.span.start, one.span.end);
    counter.language(one.languageId, isKept(one.text, now) ? ifKept : ifChanged, 1);
  }

  /** A part of the suggestion, or another one behind it, stands in the document now. */
  function take(uri: string, watched: Watched, from: number, to: number, text: string): void {
    const { suggestion } = watched;
    const { anchor, languageId } = suggestion;
    const first = suggestion.taken?.from ?? from;
    const before = suggestion.taken?.to ?? from;
    suggestion.taken = { from: first, to, text };
    counter.language(languageId, 'characters', Math.max(0, to - Math.max(from, before)));
    if (watched.accepted === undefined) {
      counter.accepted(languageId);
      const timers = looks.map(([ms, ifKept, ifChanged]) =>
        setTimeout(() => {
          look(one, ifKept, ifChanged);
          if (ms === looks.at(-1)?.[0]) kept.delete(one);
        }, ms).unref(),
      );
      const one: Accepted = { uri, languageId, span: { start: 0, end: 0 }, text: '', timers };
      watched.accepted = one;
      kept.add(one);
    }
    watched.accepted.span = { start: anchor + first, end: anchor + to };
    watched.accepted.text = text.slice(first, to);
    const isPartly = !suggestion.texts.some((whole) => whole.length === to && whole === text);
    if (isPartly !== watched.isPartly) counter.language(languageId, 'partly', isPartly ? 1 : -1);
    watched.isPartly = isPartly;
  }

  function forget(one: Accepted): void {
    for (const timer of one.timers) clearTimeout(timer);
    kept.delete(one);
  }

  return {
    finished(request) {
      const { result, uri, number } = request;
      if (isSuperseded(result)) return;
      if (result.kind === 'empty') return counter.empty(result.reason);
      counter.latency(result.source, result.totalMs);
      const document = documentOf(uri);
      if (document === undefined) return;
      const suggestion = suggestionOf(request, result, document);
      const old = shown.get(uri);
      if (old !== undefined && goesOn(old.suggestion, suggestion)) {
        // What was offered before may still be on the screen.
        const texts = [...new Set([...suggestion.texts, ...old.suggestion.texts])];
        old.suggestion.texts = texts.slice(0, mostTexts);
        old.suggestion.reached = suggestion.reached;
        old.suggestion.previous = suggestion.previous;
        old.numbers.add(number);
        return;
      }
      counter.shown(request.languageId);
      shown.set(uri, { suggestion, numbers: new Set([number]), isPartly: false });
    },

    replaced(uri, replacement) {
      for (const one of kept) if (one.uri === uri) one.span = moved(one.span, replacement, one.text);
      const watched = shown.get(uri);
      const document = documentOf(uri);
      if (watched === undefined || document === undefined) return;
      const step = follow(watched.suggestion, replacement, document.text);
      if (Number.isNaN(watched.suggestion.anchor)) shown.delete(uri);
      else if (step?.kind === 'accepted') take(uri, watched, step.from, step.to, step.text);
    },

    accepted(uri, number) {
      const watched = shown.get(uri);
      const document = documentOf(uri);
      if (watched === undefined || document === undefined || !watched.numbers.has(number)) return;
      const { suggestion } = watched;
      const { anchor } = suggestion;
      const standing = suggestion.texts.filter((text) => document.text.startsWith(text, anchor));
      const text = standing.sort((a, b) => b.length - a.length)[0] ?? suggestion.texts[0] ?? '';
      const from =
        suggestion.taken?.to ?? Math.min(Math.max(suggestion.previous, suggestion.own), text.length);
      if (suggestion.taken?.to !== text.length) take(uri, watched, from, text.length, text);
    },

    closed(uri) {
      shown.delete(uri);
      for (const one of [...kept]) if (one.uri === uri) forget(one);
    },

    dispose() {
      for (const one of [...kept]) forget(one);
      shown.clear();
    },
  };
}
