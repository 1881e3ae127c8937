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

function restricted<State>(
  { automaton, start }: { readonly automaton: Automaton<State>; readonly start: State },
  vocabulary: Vocabulary,
): Restriction {
  const after = (written: Uint8Array): State | typeof free | typeof dead => {
    let state = start;
    for (const byte of written) {
      const next = automaton.advance(state, byte);
      if (next === free || next === dead) return next;
      state = next;
    }
    return state;
  };
  const masks = new Map<string, TokenMask>();
  return {
    mask(written, ahead) {
      const state = after(written);
      if (state === free || state === dead) return undefined;
      const key = `${Buffer.from(written).toString('latin1')}\0${Buffer.from(ahead).toString('latin1')}`;
      const known = masks.get(key);
      if (known !== undefined) return known;
      const mask = vocabulary.mask(automaton, state, ahead);
      masks.set(key, mask);
      return mask;
    },
    takes: (written) => after(written) !== dead,
  };
}
