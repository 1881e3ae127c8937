import type { MonitoredPlace, MonitorOptions, MonitorOracle, MonitorQuestion } from '../../monitor';
import { intersection, type TokenMask } from '../distribution';
import { type AskedQuestion, createQuestions } from './questions';
import { type Restriction, restrictionOf } from './restriction';
import type { Vocabulary } from './vocabulary';

/**
 * Monitor-guided decoding (arXiv 2306.10763) of one completion: finds the places where static analysis has a say, asks, and
 * turns the answers into token masks. Unlike the published monitors it looks at every character of a token, so that one like
 * ".get" or "a.b" is held to what may stand behind its own dot.
 */
export interface Monitors {
  /** Whether decoding stops until an answer is there. */
  readonly waits: boolean;
  /**
   * What restricts the token behind `written`, by the answers that are there.
   * @param written bytes of the completion, with what was taken off by healing
   * @param tokens places within these count too
   */
  at(written: Uint8Array, tokens: readonly Uint8Array[]): Restrictions;
  /** Whether a place is within a token, so that what may follow the place decides about the token. */
  isPlaceWithin(written: Uint8Array, token: Uint8Array): boolean;
  /**
   * Waits until all questions asked so far have an answer.
   * @returns whether they have; else it was interrupted
   */
  settled(isInterrupted: () => boolean): Promise<boolean>;
  /** Drops the questions that have none. */
  end(): void;
  /** Places that have an answer, in the order of the answers. */
  readonly places: readonly MonitoredPlace[];
  /** Milliseconds in which some question was without an answer. */
  readonly ms: number;
}

export interface Restrictions {
  readonly mask: TokenMask | undefined;
  /** Places without an answer yet. */
  readonly open: readonly Place[];
}

export interface Place {
  /** What is before it: of the completion, or where that is empty, of the text before it without its last `lead`. */
  readonly path: string;
  /** What stands behind it before the completion begins. */
  readonly lead: string;
  /** Undefined as long as there is no answer. */
  restrictions: readonly Restriction[] | undefined;
}

/** Characters before a place that triggers see. */
const reach = 400;

/**
 * @param prefix what stands before the completion, without what is taken off by healing
 * @param typed what was taken off, and is written again
 */
export function createMonitors(
  { triggers, questionMs, completionMs, waits = false }: MonitorOptions,
  oracle: MonitorOracle,
  vocabulary: Vocabulary,
  prefix: string,
  typed: string,
): Monitors {
  const patterns = triggers.map(({ kind, pattern }) => ({
    kind,
    pattern: new RegExp(`(?:${pattern})$`, 'u'),
  }));
  const before = prefix.slice(-reach);
  const byPath = new Map<string, Place | undefined>();
  const told: MonitoredPlace[] = [];
  const questions = createQuestions({ questionMs, completionMs }, oracle);
  /** Places without an answer. */
  const open = new Map<Place, AskedQuestion>();

  const ask = (path: string, lead: string, kinds: readonly string[]): Place => {
    const place: Place = { path, lead, restrictions: undefined };
    const question: MonitorQuestion = {
      kinds,
      back: lead.length + Math.max(0, typed.length - path.length),
      text: path.slice(typed.length),
    };
    const asked = questions.ask(question, (answer, ms) => {
      open.delete(place);
      const legal = 'legal' in answer ? answer.legal : [];
      // What is typed already and would not be legal says that whoever types knows better.
      const there = Buffer.from(lead + typed.slice(path.length));
      place.restrictions = legal
        .map((one) => restrictionOf(one, vocabulary))
        .filter((restriction) => restriction.takes(there));
      const words = legal.flatMap((one) => ('words' in one ? one.words : []));
      const reason =
        'reason' in answer
          ? answer.reason
          : place.restrictions.length === 0
            ? 'Nothing that is legal there begins with what was typed.'
            : undefined;
      told.push({
        kinds,
        at: question.text.length - question.back,
        ms,
        ...(words.length > 0 && { legal: words.length }),
        ...(reason !== undefined && { reason }),
        ...('isLate' in answer && { isLate: answer.isLate }),
      });
      dropBehind(place);
    });
    if (place.restrictions === undefined) open.set(place, asked);
    return place;
  };

  /** What an answer forbids is taken back: about places behind it nobody need know any more. */
  const dropBehind = ({ path, lead, restrictions = [] }: Place): void => {
    for (const [place, asked] of open) {
      if (!place.path.startsWith(path)) continue;
      const behind = Buffer.from(lead + place.path.slice(path.length));
      if (restrictions.every((restriction) => restriction.takes(behind))) continue;
      asked.drop();
      open.delete(place);
      byPath.delete(place.path);
      place.restrictions = [];
    }
  };

  const placeAt = (path: string): Place | undefined => {
    if (byPath.has(path)) return byPath.get(path);
    const text = (before + path).slice(-reach);
    const kinds = patterns.flatMap(({ kind, pattern }) => (pattern.exec(text)?.[1] === '' ? [kind] : []));
    const place = kinds.length === 0 ? undefined : ask(path, '', kinds);
    byPath.set(path, place);
    return place;
  };

  /** The place whose word was begun when the caret came, if that is before all that is written anew. */
  const placeBehindUs = (): Place | undefined => {
    const text = (prefix + typed).slice(-reach);
    const begun = patterns.map(({ kind, pattern }) => ({
      kind,
      length: pattern.exec(text)?.[1]?.length ?? 0,
    }));
    const length = Math.max(0, ...begun.map((one) => one.length));
    if (length <= typed.length) return undefined;
    const kinds = begun.filter((one) => one.length === length).map(({ kind }) => kind);
    return ask('', prefix.slice(typed.length - length), kinds);
  };
  const behindUs = placeBehindUs();

  /** A text that was looked through, and the place behind each number of its characters. */
  let seen: { readonly text: string; readonly places: readonly (Place | undefined)[] } = {
    text: '',
    places: [],
  };
  const placesIn = (text: string): readonly (Place | undefined)[] => {
    const places = seen.places.slice(0, commonLength(text, seen.text) + 1);
    if (places.length > text.length) return places;
    for (let end = places.length; end <= text.length; end++) places.push(placeAt(text.slice(0, end)));
    seen = { text, places };
    return places;
  };

  const placesWithin = (text: string, token: Uint8Array): Place[] => {
    const inside = Buffer.from(token).toString();
    const places: Place[] = [];
    for (let end = 1; end < inside.length; end++) {
      const place = placeAt(text + inside.slice(0, end));
      if (place !== undefined) places.push(place);
    }
    return places;
  };

  return {
    waits,
    at(written, tokens) {
      const text = wholeCharacters(written);
      const places = new Set(behindUs && [behindUs]);
      for (const place of placesIn(text)) if (place !== undefined) places.add(place);
      for (const token of tokens) for (const place of placesWithin(text, token)) places.add(place);
      let mask: TokenMask | undefined;
      for (const { path, lead, restrictions = [] } of places) {
        const behind = Buffer.concat([Buffer.from(lead), written.subarray(Buffer.byteLength(path))]);
        const ahead = Buffer.from(path.slice(text.length));
        for (const restriction of restrictions) {
          const one = restriction.mask(behind, ahead);
          if (one !== undefined) mask = mask === undefined ? one : intersection(mask, one);
        }
      }
      return { mask, open: [...places].filter(({ restrictions }) => restrictions === undefined) };
    },
    isPlaceWithin: (written, token) => placesWithin(wholeCharacters(written), token).length > 0,
    settled: questions.settled,
    end: questions.end,
    places: told,
    get ms() {
      return questions.ms;
    },
  };
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

/** The text of bytes that may end within a character. */
const wholeCharacters = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString()
    .replace(/\uFFFD$/, '');
