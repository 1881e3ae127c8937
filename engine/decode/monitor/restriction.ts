import type { Legal } from '../../monitor';
import type { TokenMask } from '../distribution';
import { argumentsAutomaton } from './arguments';
import { type Automaton, dead, free, type Vocabulary } from './vocabulary';
import { wordsAutomaton } from './words';

/** What one answer restricts, from the place on that was asked about. */
export interface Restriction {
  /**
   * The tokens that may follow.
   * @param written behind the place
   * @param ahead bytes still to come before the place; one of the two is empty
   * @returns undefined where there is no restriction any more, or never was, since what is written does not fit
   */
  mask(written: Uint8Array, ahead: Uint8Array): TokenMask | undefined;
  /** Whether this may be written behind the place. */
  takes(written: Uint8Array): boolean;
}

export function restrictionOf(legal: Legal, vocabulary: Vocabulary): Restriction {
  return 'words' in legal
    ? restricted(wordsAutomaton(legal), vocabulary)
    : restricted(argumentsAutomaton(legal), vocabulary);
}

/** Whether a text may stand, or begin to stand, where an answer says what is legal. */
export function isLegalText(legal: Legal, text: string): boolean {
  const bytes = Buffer.from(text);
  return 'words' in legal
    ? after(wordsAutomaton(legal), bytes) !== dead
    : after(argumentsAutomaton(legal), bytes) !== dead;
}

interface Started<State> {
  readonly automaton: Automaton<State>;
  readonly start: State;
}

function after<State>(
  { automaton, start }: Started<State>,
  written: Uint8Array,
): State | typeof free | typeof dead {
  let state = start;
  for (const byte of written) {
    const next = automaton.advance(state, byte);
    if (next === free || next === dead) return next;
    state = next;
  }
  return state;
}

function restricted<State>(started: Started<State>, vocabulary: Vocabulary): Restriction {
  const { automaton } = started;
  const masks = new Map<unknown, Map<string, TokenMask>>();
  return {
    mask(written, ahead) {
      const state = after(started, written);
      if (state === free || state === dead) return undefined;
      const key = automaton.key(state);
      const here = masks.get(key) ?? new Map<string, TokenMask>();
      masks.set(key, here);
      const path = Buffer.from(ahead).toString('latin1');
      const mask = here.get(path) ?? vocabulary.mask(automaton, state, ahead);
      here.set(path, mask);
      return mask;
    },
    takes: (written) => after(started, written) !== dead,
  };
}
