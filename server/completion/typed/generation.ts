import { type CaretContext, toLineFeeds } from '../caret';
import type { Place } from '../complete';
import type { CompletionResult } from '../result';
import { isSameSuffix, mayContinue, mayContinueClosed } from './rest';

/** What is generated for a place, and what can be said of it while it is. */
export interface Generation {
  readonly place: Place;
  readonly ended: Promise<CompletionResult>;
  /** Whether its text may be what somebody wants to see at this caret. */
  fits(caret: CaretContext): boolean;
  /** Whether its text may still be wanted somewhere in a document. */
  fitsDocument(text: string): boolean;
  /** Resolves when it has ended, or has written something else than what stands before this caret, or is not waited for any more. */
  settled(caret: CaretContext, signal: AbortSignal): Promise<void>;
  /** Somebody waits for it until he calls what is returned. */
  hold(): () => void;
  abort(): void;
}

/** The document that a completion is generated for, as if what is to be shown before it were there. */
export interface Surroundings {
  readonly before: string;
  readonly after: string;
  /** How much of what is before is there already; the rest is what the caret may come to. */
  readonly there: number;
}

/** Lets a completion go on for so long when nobody waits for it: VS Code asks again 50 ms after a key. */
const graceMs = 200;

/**
 * Nobody needs to wait for it; who did and does no more leaves it some time in which somebody else may.
 * @param run resolves in any case; told a function that takes the text written so far
 */
export function startGeneration(
  place: Place,
  { before, after, there }: Surroundings,
  run: (signal: AbortSignal, written: (text: string) => void) => Promise<CompletionResult>,
): Generation {
  const controller = new AbortController();
  const listeners = new Set<() => void>();
  let writtenSoFar = '';
  let isOver = false;
  let holders = 0;
  let grace: NodeJS.Timeout | undefined;

  const tell = () => {
    for (const listener of listeners) listener();
  };
  const ended = run(controller.signal, (text) => {
    writtenSoFar = text;
    tell();
  }).finally(() => {
    isOver = true;
    clearTimeout(grace);
    tell();
  });

  const fits = (caret: CaretContext) =>
    !controller.signal.aborted &&
    caret.prefix.startsWith(place.caret.prefix) &&
    isSameSuffix(caret.suffix, place.caret.suffix) &&
    mayContinue(writtenSoFar, caret.prefix.slice(place.caret.prefix.length));

  return {
    place,
    ended,
    fits,

    fitsDocument(text) {
      if (!text.endsWith(after)) return false;
      const head = text.slice(0, text.length - after.length);
      // The model writes line feeds, whatever the document has.
      if (head.startsWith(before))
        return mayContinueClosed(writtenSoFar, toLineFeeds(head.slice(before.length)));
      return head.length >= there && before.startsWith(head);
    },

    settled(caret, signal) {
      const isSettled = () => isOver || signal.aborted || !fits(caret);
      if (isSettled()) return Promise.resolve();
      return new Promise((resolve) => {
        const check = () => {
          if (!isSettled()) return;
          listeners.delete(check);
          signal.removeEventListener('abort', check);
          resolve();
        };
        listeners.add(check);
        signal.addEventListener('abort', check);
      });
    },

    hold() {
      holders++;
      clearTimeout(grace);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        if (--holders === 0 && !isOver) grace = setTimeout(() => controller.abort(), graceMs).unref();
      };
    },

    abort() {
      controller.abort();
      tell();
    },
  };
}
