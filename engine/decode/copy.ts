import type { Drafter } from './draft';
import { createSuffixAutomaton } from './suffixAutomaton';

/** Matches shorter than this are chance: a bracket, an indentation, a common word. */
const shortestMatch = 3;
/** A draft is this many times as long as what has matched: the longer the match, the longer it is likely to go on. */
const draftPerMatch = 2;
/** More rows than these in one pass cost more than they are likely to bring on a CPU. */
const longestDraft = 15;
/** How much the last draft's fate counts against all before it. */
const newsShare = 0.5;
/** Drafts that fail make the next ones shorter; every step without one wins back some trust. */
const leastTrust = 0.1;
const recovery = 0.02;

/**
 * Copy speculation (CopySpec, arXiv 2502.08923) with the longest suffix match instead of a fixed window of three
 * tokens: where the text's end repeats something earlier in the prompt or the completion, what followed there is
 * proposed. Drafts are verified, so the completion is the same with and without.
 */
export function createCopyDrafter(): Drafter {
  const automaton = createSuffixAutomaton();
  let trust = 1;
  let pending: { readonly start: number; readonly draft: readonly number[] } | undefined;

  /** What became of the last draft shows in the tokens that are there now. */
  function learn(tokens: readonly number[]): void {
    if (pending === undefined) {
      trust = Math.min(1, trust + recovery);
      return;
    }
    const { start, draft } = pending;
    let accepted = 0;
    while (accepted < draft.length && tokens[start + accepted] === draft[accepted]) accepted++;
    trust = Math.max(leastTrust, (1 - newsShare) * trust + (newsShare * accepted) / draft.length);
    pending = undefined;
  }

  return {
    source: 'copy',
    draft(tokens, room) {
      learn(tokens);
      for (let i = automaton.length; i < tokens.length; i++) automaton.push(tokens[i] as number);
      const { length: matched, end } = automaton.match;
      if (matched < shortestMatch) return [];
      const length = Math.min(longestDraft, room - 1, Math.floor(draftPerMatch * matched * trust));
      if (length < 1) return [];
      const draft = tokens.slice(end, end + length);
      pending = { start: tokens.length, draft };
      return draft;
    },
  };
}
