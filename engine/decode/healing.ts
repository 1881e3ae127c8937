import type { Tokenizer } from '../model/tokenizer';
import type { Constraint } from './constraint';
import { unconstrained } from './constraint';
import type { TokenMask } from './distribution';

/** A prefix whose last, unfinished word has been taken off, to be written again together with what completes it. */
export interface Healed {
  readonly prefix: string;
  /** What was taken off: the completion begins with it. */
  readonly typed: string;
  readonly constraint: Constraint;
}

/** Nothing is taken off. */
export const unhealed = (prefix: string): Healed => ({ prefix, typed: '', constraint: unconstrained });

/** The caret is in a word, or right behind one. */
const inWord = /[\p{L}\p{N}_$]$/u;
/** Characters before the caret that decide what the last token is. */
const reach = 64;

/**
 * Token healing: a caret in the middle of a word mostly stands in the middle of a token too, and the tokens that a model sees
 * before such a caret are none that it has seen in training. The last token before the caret is dropped, and what replaces
 * it must begin with the characters that were typed (github.com/guidance-ai/guidance has the idea and the name).
 */
export function createHealing(tokenizer: Tokenizer): (prefix: string) => Healed {
  const byFirst = tokensByFirstByte(tokenizer);
  const maskFor = (typed: string): TokenMask => {
    const bytes = Buffer.from(typed);
    const mask = new Uint8Array(tokenizer.vocabSize);
    for (const token of byFirst.get(bytes[0] as number) ?? []) {
      if (agree(bytes, tokenizer.tokenBytes(token))) mask[token] = 1;
    }
    return mask;
  };

  return (prefix) => {
    if (!inWord.test(prefix)) return unhealed(prefix);
    const last = tokenizer.encode(prefix.slice(-reach)).at(-1);
    const typed = last === undefined ? '' : Buffer.from(tokenizer.tokenBytes(last)).toString();
    if (typed === '' || typed.length >= reach || !prefix.endsWith(typed)) return unhealed(prefix);
    const constraint: Constraint = {
      allowed: async (text) => (text.length < typed.length ? maskFor(typed.slice(text.length)) : undefined),
    };
    return { prefix: prefix.slice(0, prefix.length - typed.length), typed, constraint };
  };
}

/** Whether one begins the other. */
function agree(typed: Uint8Array, token: Uint8Array): boolean {
  const length = Math.min(typed.length, token.length);
  for (let i = 0; i < length; i++) if (typed[i] !== token[i]) return false;
  return true;
}

function tokensByFirstByte({ vocabSize, special, tokenBytes }: Tokenizer): Map<number, number[]> {
  const byFirst = new Map<number, number[]>();
  for (let token = 0; token < vocabSize; token++) {
    const first = tokenBytes(token)[0];
    if (first === undefined || special.has(token)) continue;
    const list = byFirst.get(first);
    if (list) list.push(token);
    else byFirst.set(first, [token]);
  }
  return byFirst;
}
