import type {
  MonitorAnswer,
  MonitoredPlace,
  MonitorOptions,
  MonitorOracle,
  MonitorQuestion,
} from '../../monitor';
import { intersection, type TokenMask } from '../distribution';
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
  /** Resolves when all questions asked so far have an answer. */
  settled(): Promise<void>;
  readonly isPending: boolean;
  /** Places that have an answer, in the order of the answers. */
  readonly places: readonly MonitoredPlace[];
  /** Milliseconds that the questions took, all together. */
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
  const pending = new Set<Promise<void>>();
  let ms = 0;

  const ask = (place: Place, kinds: readonly string[]): Place => {
    const question: MonitorQuestion = {
      kinds,
      back: place.lead.length + Math.max(0, typed.length - place.path.length),
      text: place.path.slice(typed.length),
    };
    const asked = performance.now();
    const end = (answer: MonitorAnswer) => {
      const took = performance.now() - asked;
      ms += took;
      const legal = 'legal' in answer ? answer.legal : [];
      // What is typed already and would not be legal says that whoever types knows better.
      const there = Buffer.from(place.lead + typed.slice(place.path.length));
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
        ms: took,
        ...(words.length > 0 && { legal: words.length }),
        ...(reason !== undefined && { reason }),
      });
    };
    const limit = Math.min(questionMs, completionMs - ms);
    if (limit <= 0) {
      end({ reason: 'The questions of this completion have taken all their time.' });
      return place;
    }
    const waiting: Promise<void> = inTime(oracle(question), limit).then((answer) => {
      end(answer);
      pending.delete(waiting);
    });
    pending.add(waiting);
    return place;
  };

  const placeAt = (path: string): Place | undefined => {
    if (byPath.has(path)) return byPath.get(path);
    const text = (before + path).slice(-reach);
    const kinds = patterns.flatMap(({ kind, pattern }) => (pattern.exec(text)?.[1] === '' ? [kind] : []));
    const place = kinds.length === 0 ? undefined : ask({ path, lead: '', restrictions: undefined }, kinds);
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
    return ask({ path: '', lead: prefix.slice(typed.length - length), restrictions: undefined }, kinds);
  };
  const behindUs = placeBehindUs();

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
      for (let end = 0; end <= text.length; end++) {
        const place = placeAt(text.slice(0, end));
        if (place !== undefined) places.add(place);
      }
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
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
    get isPending() {
      return pending.size > 0;
    },
    places: told,
    get ms() {
      return ms;
    },
  };
}

/** The text of bytes that may end within a character. */
const wholeCharacters = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString()
    .replace(/\uFFFD$/, '');

async function inTime(answer: Promise<MonitorAnswer>, limitMs: number): Promise<MonitorAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<MonitorAnswer>((resolve) => {
    const reason = `The analysis did not answer within ${Math.round(limitMs)} ms.`;
    timer = setTimeout(() => resolve({ reason }), limitMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
