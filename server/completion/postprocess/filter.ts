import type { CompletionMode, StopReason } from '../../../engine/index';
import type { CaretContext } from '../caret';
import { type OpenBracket, openBrackets, unmatched } from '../syntax/brackets';
import type { SyntaxView } from '../syntax/index';
import { opaqueSpans, unfinished } from '../syntax/lexing';

export interface FilterContext extends CaretContext {
  readonly mode: CompletionMode;
  readonly languageId: string;
  /** What the syntax tree tells; where there is none, brackets and indentation have to do. */
  readonly syntax?: SyntaxView | undefined;
  /** Why the text ended, where that is known. */
  readonly stopReason?: StopReason | undefined;
}

/**
 * One improvement of the raw text, pure, and safe to run on text that needs none. Line ends are `\n`
 * everywhere; an empty text means that nothing is worth showing.
 */
export type Filter = (completion: string, context: FilterContext) => string;

/** The stop reasons with which a text ends anywhere: nobody meant it to end there. */
const cutReasons: ReadonlySet<StopReason | undefined> = new Set<StopReason>([
  'broken-character',
  'low-confidence',
  'max-tokens',
  'context-full',
  'deadline',
]);

export const isCutOff = ({ stopReason }: FilterContext): boolean => cutReasons.has(stopReason);

const known = new WeakMap<FilterContext, readonly OpenBracket[]>();
/** UTF-16 units on each side of the caret in which brackets are looked for, where no tree has been parsed. */
const reach = 16 * 1024;

/** The brackets that are open at the caret, the innermost last, and which of them the suffix closes. */
export function bracketsAt(context: FilterContext): readonly OpenBracket[] {
  const before = known.get(context);
  if (before !== undefined) return before;
  const { prefix, suffix, linePrefix, syntax, languageId } = context;
  const start =
    syntax?.start ?? (prefix.length > reach ? prefix.indexOf('\n', prefix.length - reach) + 1 : 0);
  const text = start === 0 ? prefix : prefix.slice(start);
  const opaque = syntax?.opaque()?.map((span) => ({ start: span.start - start, end: span.end - start }));
  // A string that is not closed yet is no string to a tree.
  const open = opaqueSpans(linePrefix, languageId).at(-1);
  const inText =
    unfinished(linePrefix, languageId) === undefined ? 0 : linePrefix.length - (open?.start ?? 0);
  const openers = unmatched(text, opaque ?? opaqueSpans(text, languageId)).openers.filter(
    ({ at }) => at < text.length - inText,
  );
  const behind = suffix.slice(0, reach);
  const { closers } = unmatched(behind, opaqueSpans(behind, languageId));
  const brackets = openBrackets(text, behind, openers, closers);
  known.set(context, brackets);
  return brackets;
}

/** Languages of prose, in which a bracket needs no partner. */
const prose = new Set([
  'markdown',
  'plaintext',
  'latex',
  'tex',
  'restructuredtext',
  'git-commit',
  'asciidoc',
]);

export const isProse = ({ languageId }: FilterContext): boolean => prose.has(languageId);
