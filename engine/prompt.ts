import type { ContextSnippet, PromptSegment } from './completion';
import {
  assembleFim,
  type FimContext,
  type FimFormat,
  type FimPrompt,
  noContext,
  placeContext,
  snippetIds,
} from './model/fim';
import type { Tokenizer } from './model/tokenizer';
import { fitWindow, type Side, sameBorder, type Window, windowOf } from './promptWindow';

export interface PromptModel {
  readonly tokenizer: Tokenizer;
  /** Undefined for a model that cannot fill in the middle: its prompt is the prefix alone. */
  readonly fim: FimFormat | undefined;
  /** Put first in the prompt of a model without `fim`. */
  readonly bos?: number | undefined;
  /** Ends a text; where nothing else stands before the next one, it is what a model has seen there. */
  readonly eos?: number | undefined;
}

export interface PromptParts {
  /**
   * Text before and after the caret. Whoever clips them must leave much more than the budget holds: a clipped border
   * that is in reach moves with every keystroke, and the cache with it.
   */
  readonly prefix: string;
  readonly suffix: string;
  /** Most stable first. */
  readonly context: readonly ContextSnippet[];
  /** Name of the file, shown only together with context. */
  readonly path?: string | undefined;
}

/** A prompt and what it shows. Give it to the next call for the same document. */
export interface Prompt extends FimPrompt {
  readonly prefixTokens: number;
  readonly suffixTokens: number;
  /** Tokens of other files and of the file's name. */
  readonly contextTokens: number;
  /** Tokens of each snippet that had room, in their order. */
  readonly snippets: readonly number[];
  readonly prefix: Window;
  readonly suffix: Window;
}

/** More than source code has; what is longer than this is not worth encoding to see whether it fits. */
const charsPerToken = 8;
const prefixShare = 3 / 4;
const contextShare = 1 / 4;
/** A new window leaves this share free: so much can be typed before it moves again. */
const slackShare = 1 / 8;
/** A window that could show more but fills less than this part of its share is chosen anew (the caret went far). */
const leastFill = 1 / 4;

/**
 * Builds a prompt of at most `budget` tokens around the caret.
 *
 * The windows' far borders stay where `previous` had them as long as everything fits, so that typing changes tokens at
 * the caret only and the KV cache keeps the rest; when a border must move, it moves by an eighth of the budget at once.
 * Three quarters go to the prefix and one to the suffix; what one side leaves goes to the other.
 */
export function buildPrompt(
  model: PromptModel,
  parts: PromptParts,
  budget: number,
  previous?: Prompt,
): Prompt {
  const { fim, tokenizer } = model;
  if (fim === undefined) return prefixOnly(model, parts, budget, previous);
  const { placed: context, snippets } = fitContext(fim, tokenizer, parts, budget);
  const fixed = assembleFim(fim, [], [], context).ids.length;
  const hasLeadingSpace = fim.leadingSpace && context.inPrefix.length === 0;
  const { prefix, suffix } = chooseWindows(parts, Math.max(0, budget - fixed), previous, {
    prefix: hasLeadingSpace ? (text) => tokenizer.encode(` ${text}`) : tokenizer.encode,
    suffix: tokenizer.encode,
  });
  return {
    ...assembleFim(fim, prefix.ids, suffix.ids, context),
    prefixTokens: prefix.ids.length,
    suffixTokens: suffix.ids.length,
    contextTokens: context.before.length + context.inPrefix.length,
    snippets,
    prefix,
    suffix,
  };
}

/** What a prompt is made of, in the order of its tokens. */
export function segmentsOf({
  suffixStart,
  prefixStart,
  contextTokens,
  snippets,
  ...prompt
}: Prompt): PromptSegment[] {
  const context = { kind: 'context', tokens: contextTokens, snippets } as const;
  const prefix = { kind: 'prefix', tokens: prompt.prefixTokens, omitted: prompt.prefix.omitted } as const;
  const suffix = { kind: 'suffix', tokens: prompt.suffixTokens, omitted: prompt.suffix.omitted } as const;
  // Some formats have the context in the prefix: then there is no room for it before a suffix that comes first.
  const isBehindSuffix = suffixStart < prefixStart && suffixStart < contextTokens;
  const windows = suffixStart < prefixStart ? [suffix, prefix] : [prefix, suffix];
  const all = isBehindSuffix ? [suffix, context, prefix] : [context, ...windows];
  return all.filter(({ tokens }) => tokens > 0);
}

function prefixOnly(
  { tokenizer, bos, eos }: PromptModel,
  { prefix: text }: PromptParts,
  budget: number,
  previous: Prompt | undefined,
): Prompt {
  // No model says what comes behind nothing.
  const first = bos ?? (text === '' ? eos : undefined);
  const start = first === undefined ? [] : [first];
  const both = { prefix: tokenizer.encode, suffix: tokenizer.encode };
  const room = Math.max(0, budget - start.length);
  const { prefix, suffix } = chooseWindows({ prefix: text, suffix: '' }, room, previous, both);
  return {
    ids: [...start, ...prefix.ids],
    prefixStart: start.length,
    suffixStart: start.length + prefix.ids.length,
    prefixTokens: prefix.ids.length,
    suffixTokens: 0,
    contextTokens: 0,
    snippets: [],
    prefix,
    suffix,
  };
}

type Encoders = Readonly<Record<Side, (text: string) => number[]>>;

/** @param room tokens for both windows together */
function chooseWindows(
  parts: Pick<PromptParts, Side>,
  room: number,
  previous: Prompt | undefined,
  encode: Encoders,
): Record<Side, Window> {
  const shares: Record<Side, number> = { prefix: room * prefixShare, suffix: room * (1 - prefixShare) };
  const kept = (side: Side): Window | undefined => {
    if (previous === undefined) return undefined;
    const length = sameBorder(parts[side], side, previous[side]);
    const growth = length === undefined ? 0 : length - previous[side].text.length;
    if (length === undefined || growth > room * charsPerToken) return undefined;
    const window = windowOf(parts[side], side, length, encode[side]);
    return window.omitted === 0 || window.ids.length >= shares[side] * leastFill ? window : undefined;
  };
  const keptPrefix = kept('prefix');
  const keptSuffix = kept('suffix');
  if (keptPrefix && keptSuffix && keptPrefix.ids.length + keptSuffix.ids.length <= room) {
    return { prefix: keptPrefix, suffix: keptSuffix };
  }

  const free = 1 - slackShare;
  const choose = (side: Side, limit: number) => fitWindow(parts[side], side, Math.floor(limit), encode[side]);
  const within = (window: Window | undefined, share: number) =>
    window && window.ids.length <= share ? window : undefined;
  const oldSuffix = within(keptSuffix, shares.suffix);
  const suffix = oldSuffix ?? choose('suffix', shares.suffix * free);
  const unusedBySuffix = suffix.omitted === 0 ? Math.max(0, shares.suffix * free - suffix.ids.length) : 0;
  const prefix = within(keptPrefix, shares.prefix) ?? choose('prefix', shares.prefix * free + unusedBySuffix);
  if (prefix.omitted > 0 || suffix.omitted === 0 || oldSuffix !== undefined) return { prefix, suffix };
  const unusedByPrefix = Math.max(0, shares.prefix * free - prefix.ids.length);
  return { prefix, suffix: choose('suffix', shares.suffix * free + unusedByPrefix) };
}

/** Whole snippets in their order while they fit, the last one cut at a line. */
function fitContext(
  fim: FimFormat,
  tokenizer: Tokenizer,
  { context, path }: PromptParts,
  budget: number,
): { readonly placed: FimContext; readonly snippets: readonly number[] } {
  const name = placeContext(fim, tokenizer, [[]], path);
  let room = Math.floor(budget * contextShare) - name.before.length - name.inPrefix.length;
  const taken: number[][] = [];
  for (const snippet of context) {
    const ids = snippet.text.length > room * charsPerToken ? undefined : snippetIds(fim, tokenizer, snippet);
    if (ids !== undefined && ids.length <= room) {
      taken.push(ids);
      room -= ids.length;
      continue;
    }
    const headRoom = room - snippetIds(fim, tokenizer, { path: snippet.path, text: '' }).length;
    const { text } = fitWindow(snippet.text, 'suffix', headRoom, tokenizer.encode);
    const cut = text === '' ? [] : snippetIds(fim, tokenizer, { path: snippet.path, text });
    if (cut.length > 0 && cut.length <= room) taken.push(cut);
    break;
  }
  const placed = taken.length === 0 ? noContext : placeContext(fim, tokenizer, taken, path);
  return { placed, snippets: taken.map(({ length }) => length) };
}
