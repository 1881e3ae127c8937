import { createManner, type Manner } from './manner';
import { createOffers, type Offer, type Offers, type Verdict } from './offers';

/** What becomes of what is shown in each document, and where it is better to keep quiet. */
export interface Conduct {
  shown(uri: string, offer: Offer): void;
  /** @returns what the change says of what was shown before it */
  changed(uri: string, text: string, now: number): Verdict | undefined;
  /** Milliseconds for which nothing is to be shown unasked on a line. */
  pausedMs(uri: string, line: number, now: number): number;
  close(uri: string): void;
}

export function createConduct(): Conduct {
  const documents = new Map<string, { readonly offers: Offers; readonly manner: Manner }>();

  function of(uri: string) {
    const known = documents.get(uri) ?? { offers: createOffers(), manner: createManner() };
    documents.set(uri, known);
    return known;
  }

  return {
    shown: (uri, offer) => of(uri).offers.show(offer),
    changed(uri, text, now) {
      const { offers, manner } = of(uri);
      const change = offers.changed(text, now);
      if (change === undefined) return undefined;
      if (change.verdict === 'rejected') manner.rejected(change.line, now);
      else manner.accepted();
      return change.verdict;
    },
    pausedMs: (uri, line, now) => documents.get(uri)?.manner.pausedMs(line, now) ?? 0,
    close: (uri) => void documents.delete(uri),
  };
}
