import type { CopyRule } from '../completion';
import type { IndexedSource } from './copySources';
import type { Drafter } from './draft';
import { createRealignment, type Found } from './realign';
import { createSuffixIndex } from './suffixIndex';

export interface CopyOptions {
  readonly rule?: CopyRule | undefined;
  /** Texts beside the prompt and the completion, the most likely first. */
  readonly sources?: readonly IndexedSource[];
  /** More draft tokens than these cost more than they are likely to bring: see knee.ts. */
  readonly longestDraft?: number;
}

/** The published rule: ten tokens are drafted behind the first place where the last three occur. */
const publishedDraft = 10;
/** A draft is this many times as long as what has matched: the longer the match, the longer it is likely to go on. */
const draftPerMatch = 3;
/** How much the last draft's fate counts against all before it. */
const newsShare = 0.3;
/** Room in the index for what a completion adds to its prompt. */
const completionRoom = 64;
/** Drafts that fail make the next ones shorter; every step without one wins back some trust. */
const leastTrust = 0.2;
const recovery = 0.05;
/**
 * Copy speculation (CopySpec, arXiv 2502.08923): where the text's end repeats something earlier in the prompt or the
 * completion, or in another source, what followed there is proposed. `copyspec` is the published rule. `longest` takes the
 * longest suffix match instead of a fixed window, goes on behind a change in what is being copied, and drafts in
 * proportion to the match and to how the last drafts fared.
 * Drafts are verified, so the completion is the same with and without.
 */
export function createCopyDrafter({
  rule = 'longest',
  sources = [],
  longestDraft = 15,
}: CopyOptions = {}): Drafter {
  let own = createSuffixIndex(0);
  const trust = createTrust();
  const realignment = createRealignment();

  const rules: Record<CopyRule, (texts: readonly IndexedSource[], room: number) => readonly number[]> = {
    copyspec(texts, room) {
      const found = firstMatch(texts);
      return found?.tokens.slice(found.end, found.end + Math.min(publishedDraft, room)) ?? [];
    },
    longest(texts, room) {
      const found = realignment.follow(longestMatch(texts), texts[0]?.tokens ?? []);
      if (found === undefined) return [];
      const length = Math.min(longestDraft, room, Math.floor(draftPerMatch * found.matched * trust.value));
      return length < 1 ? [] : found.tokens.slice(found.end, found.end + length);
    },
  };

  return {
    source: 'copy',
    draft(tokens, room) {
      trust.learn(tokens);
      // Decoding has gone back.
      if (own.length === 0 || own.length > tokens.length)
        own = createSuffixIndex(tokens.length + completionRoom);
      for (let i = own.length; i < tokens.length; i++) own.push(tokens[i] as number);
      if (room < 2) return [];
      const draft = rules[rule]([{ tokens, index: own }, ...sources], room - 1);
      trust.expect(tokens.length, draft);
      return draft;
    },
  };
}

/** The first text in which the last three tokens occur, where they do so first. */
function firstMatch(texts: readonly IndexedSource[]): Found | undefined {
  const sequence = texts[0]?.tokens ?? [];
  for (const { index, tokens } of texts) {
    const match = index.first(sequence);
    if (match !== undefined) return { tokens, end: match.end, matched: match.length };
  }
  return undefined;
}

/** The longest match of all texts; among equals that of the first. */
function longestMatch(texts: readonly IndexedSource[]): Found | undefined {
  const sequence = texts[0]?.tokens ?? [];
  let best: Found | undefined;
  for (const { index, tokens } of texts) {
    const match = index.longest(sequence);
    if (match === undefined || match.length <= (best?.matched ?? 0)) continue;
    best = { tokens, end: match.end, matched: match.length };
  }
  return best;
}

/** How much drafts are to be trusted, by what became of the last ones. */
function createTrust() {
  let value = 1;
  let pending: { readonly start: number; readonly draft: readonly number[] } | undefined;
  return {
    get value() {
      return value;
    },
    expect(start: number, draft: readonly number[]): void {
      pending = draft.length === 0 ? undefined : { start, draft };
    },
    /** What became of the last draft shows in the tokens that are there now. */
    learn(tokens: readonly number[]): void {
      if (pending === undefined) {
        value = Math.min(1, value + recovery);
        return;
      }
      const { start, draft } = pending;
      let accepted = 0;
      while (accepted < draft.length && tokens[start + accepted] === draft[accepted]) accepted++;
      value = Math.max(leastTrust, (1 - newsShare) * value + (newsShare * accepted) / draft.length);
      pending = undefined;
    },
  };
}
