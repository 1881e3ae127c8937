import type { CopyRule } from '../completion';
import type { IndexedSource } from './copySources';
import type { Drafter } from './draft';
import { createRealignment, type Found } from './realign';
import { type Cursor, createSuffixAutomaton } from './suffixAutomaton';

export interface CopyOptions {
  readonly rule?: CopyRule | undefined;
  /** Texts beside the prompt and the completion, the most likely first. */
  readonly sources?: readonly IndexedSource[];
  /** More draft tokens than these cost more than they are likely to bring: see knee.ts. */
  readonly longestDraft?: number;
}

/** The published rule: the last three tokens, where they occurred first, and the ten tokens that followed there. */
const published = { match: 3, draft: 10 };

/** Matches shorter than this are chance: a bracket, an indentation, a common word. */
const shortestMatch = 3;
/** A draft is this many times as long as what has matched: the longer the match, the longer it is likely to go on. */
const draftPerMatch = 3;
/** How much the last draft's fate counts against all before it. */
const newsShare = 0.3;
/** Drafts that fail make the next ones shorter; every step without one wins back some trust. */
const leastTrust = 0.2;
const recovery = 0.05;
/** A match in another text is looked for among so many last tokens. */
const lookBack = 64;

/** A text with what has been followed in it. */
interface Followed {
  readonly cursor: Cursor;
  readonly tokens: readonly number[];
}

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
  const others = sources.map(({ automaton, tokens }): Followed => ({ cursor: automaton.follow(), tokens }));
  let own = createSuffixAutomaton();
  const trust = createTrust();
  const realignment = createRealignment();

  function follow(tokens: readonly number[]): void {
    if (own.length === 0) own = createSuffixAutomaton(tokens.length + lookBack);
    const known = own.length;
    for (let i = known; i < tokens.length; i++) own.push(tokens[i] as number);
    const recent = Math.max(known, tokens.length - lookBack);
    for (const { cursor } of others) {
      for (let i = recent; i < tokens.length; i++) cursor.push(tokens[i] as number);
    }
  }

  const rules: Record<CopyRule, (texts: readonly Followed[], room: number) => readonly number[]> = {
    copyspec(texts, room) {
      const found = firstMatch(texts);
      return found?.tokens.slice(found.end, found.end + Math.min(published.draft, room)) ?? [];
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
      follow(tokens);
      if (room < 2) return [];
      const draft = rules[rule]([{ cursor: own, tokens }, ...others], room - 1);
      trust.expect(tokens.length, draft);
      return draft;
    },
  };
}

/** The first text in which the last three tokens occur, where they do so first. */
function firstMatch(texts: readonly Followed[]): Found | undefined {
  for (const { cursor, tokens } of texts) {
    const end = cursor.endOf(published.match);
    if (end !== undefined && end < tokens.length) return { tokens, end, matched: published.match };
  }
  return undefined;
}

/** The longest match of all texts; among equals that of the first. */
function longestMatch(texts: readonly Followed[]): Found | undefined {
  let best: Found | undefined;
  for (const { cursor, tokens } of texts) {
    const { length, end } = cursor.match;
    if (length < shortestMatch || end >= tokens.length || length <= (best?.matched ?? 0)) continue;
    best = { tokens, end, matched: length };
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
