import type { LegalArguments } from '../../monitor';
import { type Automaton, dead, free } from './vocabulary';

/** Where the text of a call's arguments stands. */
export interface ArgumentsState {
  /** Brackets that are open within the call. */
  readonly depth: number;
  /** Arguments that a comma has ended. */
  readonly ended: number;
  /** Whether the argument has begun. */
  readonly hasBegun: boolean;
  /** The quotation mark that is open. */
  readonly quote: number;
  readonly isEscaped: boolean;
  readonly isOnOneLine: boolean;
  readonly isBehindDot: boolean;
}

const code = (character: string) => character.charCodeAt(0);
const opening = new Set([...'([{'].map(code));
const closing = new Set([...')]}'].map(code));
const quotes = new Set([...'"\''].map(code));
const blanks = new Set([...' \t\r\n'].map(code));
/** What may begin a type argument, a comment, a regular expression, a template or a spread: there no count is certain. */
const uncertain = new Set([...'</`'].map(code));

/**
 * As many arguments as a call takes, counted by the commas between them. Never a dead end: a comma too many is what is
 * forbidden, not the bracket behind it. Where it cannot tell an argument's end, it restricts nothing any more.
 */
export function argumentsAutomaton({ least, most = Number.POSITIVE_INFINITY }: LegalArguments): {
  automaton: Automaton<ArgumentsState>;
  start: ArgumentsState;
} {
  const advance = (state: ArgumentsState, byte: number): ArgumentsState | typeof free | typeof dead => {
    if (state.quote !== 0) {
      if (state.isEscaped) return { ...state, isEscaped: false };
      if (byte === code('\\')) return { ...state, isEscaped: true };
      return byte === state.quote ? { ...state, quote: 0 } : state;
    }
    if (uncertain.has(byte) || (byte === code('.') && state.isBehindDot)) return free;
    const isBehindDot = byte === code('.');
    const next = isBehindDot === state.isBehindDot ? state : { ...state, isBehindDot };
    if (byte === code('\n')) return { ...next, isOnOneLine: false };
    if (blanks.has(byte)) return next;
    if (closing.has(byte)) {
      if (state.depth > 0) return { ...next, depth: state.depth - 1 };
      return state.ended + Number(state.hasBegun) < least ? dead : free;
    }
    if (byte === code(',') && state.depth === 0) {
      const ended = state.ended + 1;
      // Behind the last of several lines' arguments a comma may stand.
      if (!state.hasBegun || (ended >= most && state.isOnOneLine)) return dead;
      return { ...next, ended, hasBegun: false };
    }
    if (!state.hasBegun && state.ended >= most) return dead;
    const begun = next.hasBegun ? next : { ...next, hasBegun: true };
    if (opening.has(byte)) return { ...begun, depth: state.depth + 1 };
    return quotes.has(byte) ? { ...begun, quote: byte } : begun;
  };
  const key = ({ depth, ended, hasBegun, quote, isEscaped, isOnOneLine, isBehindDot }: ArgumentsState) =>
    [depth, ended, hasBegun, quote, isEscaped, isOnOneLine, isBehindDot].join();
  return {
    automaton: { advance, mayEnd: () => true, key },
    start: {
      depth: 0,
      ended: 0,
      hasBegun: false,
      quote: 0,
      isEscaped: false,
      isOnOneLine: true,
      isBehindDot: false,
    },
  };
}
