/** What the engine asks static analysis, and what it may answer: plain data that crosses the worker border. */

/** A kind of place where analysis has a say, known by the text before it. */
export interface MonitorTrigger {
  readonly kind: string;
  /**
   * Source of a regular expression that the text up to such a place matches at its end. Its first group is what is there
   * already of what it restricts: empty at the place itself.
   */
  readonly pattern: string;
}

/** What watches over a completion. */
export interface MonitorOptions {
  readonly triggers: readonly MonitorTrigger[];
  /** Milliseconds that one question may take; behind that there is no restriction. */
  readonly questionMs: number;
  /** Milliseconds that all questions of a completion may take together. */
  readonly completionMs: number;
  /** Whether decoding stops until an answer is there, instead of going on and back if need be: the same text, later. */
  readonly waits?: boolean;
  /** A completion is dropped when restrictions leave less than this share of the probability, all together; 0 where left out. */
  readonly leastKept?: number;
}

/** What may stand at a place? */
export interface MonitorQuestion {
  /** Which triggers hold there. */
  readonly kinds: readonly string[];
  /** Characters before the caret that are not before the place. */
  readonly back: number;
  /** What is written behind the caret before the place. */
  readonly text: string;
}

/**
 * One of these must come, and nothing else that is a word. Behind one nothing may come that would make another word of it;
 * behind one that ends with something else than a letter or digit (`north'`, `ts.`) anything may.
 */
export interface LegalWords {
  readonly kind: string;
  readonly words: readonly string[];
  /** Whether something that is no word may come instead: a bracket, a quotation mark, a blank. */
  readonly orOther: boolean;
}

/** A call takes so many arguments. */
export interface LegalArguments {
  readonly kind: string;
  readonly least: number;
  /** Absent where there may be any number. */
  readonly most?: number;
}

export type Legal = LegalWords | LegalArguments;

export type MonitorAnswer =
  | { readonly legal: readonly Legal[] }
  /** One sentence: why there is no restriction. `isLate`: there was no time for it, so asked again there may be one. */
  | { readonly reason: string; readonly isLate?: boolean };

/**
 * Answers questions about the hypothetical text of one request. It does not reject.
 * @param signal aborted when nobody needs the answer any more, whatever it is
 */
export type MonitorOracle = (question: MonitorQuestion, signal: AbortSignal) => Promise<MonitorAnswer>;

/** A place where analysis was asked, for the trace. */
export interface MonitoredPlace {
  readonly kinds: readonly string[];
  /** Characters of the completion before the place; negative for what stands before the caret. */
  readonly at: number;
  /** How many names were legal; absent where there was no restriction or one of another kind. */
  readonly legal?: number;
  /** Why there was no restriction. */
  readonly reason?: string;
  /** Whether there was no time for it, so that asked again there may be one. */
  readonly isLate?: boolean;
  readonly ms: number;
}
