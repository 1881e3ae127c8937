import { toLineFeeds } from '../caret';
import { mayContinueClosed } from './rest';

/** What became of a completion that was shown. */
export type Verdict = 'accepted' | 'accepted-in-part' | 'typed' | 'rejected';

/** What is shown in a document, as far as the server can tell: an editor does not say. */
export interface Offers {
  /** These texts were answered for a place in a document. Line ends may be of any kind. */
  show(offer: Offer): void;
  /** The document's text is now this. @returns what that says of the completion that was shown, and the line it was in */
  changed(text: string, now: number): { readonly verdict: Verdict; readonly line: number } | undefined;
}

export interface Offer {
  readonly before: string;
  readonly after: string;
  readonly texts: readonly string[];
  /** Characters at their beginning that are not the model's, but those of what is selected in the list of suggestions. */
  readonly given: number;
  /** Line of the caret, from 0. */
  readonly line: number;
  readonly at: number;
}

/** Nobody has read what was there for less: Continue's bound. */
const seenMs = 250;
/** More characters than one key writes, an opening bracket and its closing one included. */
const fewestAccepted = 3;

/**
 * Shown text that is typed over was rejected; text that comes in one piece was accepted. What is deleted or changed elsewhere says
 * nothing.
 */
export function createOffers(): Offers {
  let current: Offer | undefined;
  /** How much of it was typed or accepted so far, what is given included. */
  let taken = 0;

  const middleOf = (text: string, { before, after }: Offer): string | undefined =>
    text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after)
      ? toLineFeeds(text.slice(before.length, text.length - after.length))
      : undefined;

  return {
    show(offer) {
      const typed = current && middleOf(offer.before + offer.after, current);
      const goesOn =
        typed !== undefined &&
        offer.texts.some((text) =>
          current?.texts.some((whole) => toLineFeeds(whole) === typed + toLineFeeds(text)),
        );
      // The same text is still there: since when, and where it began, does not change.
      if (goesOn) return;
      current = offer;
      taken = offer.given;
    },

    changed(text, now) {
      if (current === undefined) return undefined;
      const { line, at, texts, given } = current;
      const middle = middleOf(text, current);
      if (middle === undefined) {
        current = undefined;
        return undefined;
      }
      const whole = texts.map(toLineFeeds).find((shown) => mayContinueClosed(shown, middle));
      if (whole === undefined) {
        const isRejected = taken === given && now - at >= seenMs;
        current = undefined;
        return isRejected ? { verdict: 'rejected', line } : undefined;
      }
      const added = middle.length - taken;
      taken = Math.max(given, middle.length);
      const isWhole = middle.length >= whole.length;
      if (isWhole) current = undefined;
      if (added >= fewestAccepted) return { verdict: isWhole ? 'accepted' : 'accepted-in-part', line };
      return isWhole ? { verdict: 'typed', line } : undefined;
    },
  };
}
