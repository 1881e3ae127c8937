import type { Node, Tree } from 'web-tree-sitter';
import { closerOf, unmatched } from './brackets';
import { opaqueSpans, type Span, unfinished } from './lexing';
import { isComment, isContainer, isOpaque, isType, opaqueTypes } from './nodeTypes';
import type { ParsedText } from './trees';

/** What stands at the caret. `body`: a statement may begin there, in a block that begins there or around it. */
export type Place = 'comment' | 'string' | 'type' | 'body' | 'expression';

/** What the syntax tree says about a text that is written at the caret; offsets count from the caret. */
export interface Written {
  readonly opaque: readonly Span[];
  /** Ends of the statements that begin in the text where the caret is, in order; the last one may be unfinished. */
  readonly statements: readonly Span[];
  /** Whether a statement may begin at this place of the text. */
  isBetweenStatements(at: number): boolean;
}

/** The syntax around one caret, parsed when it is first asked for. Whatever it cannot tell in time is undefined. */
export interface SyntaxView {
  /** Strings and comments before the caret, in offsets of `caret.prefix`. */
  opaque(): readonly Span[] | undefined;
  /** Where in `caret.prefix` the part begins that it knows. */
  readonly start: number;
  place(): Place | undefined;
  written<T>(text: string, use: (written: Written) => T): T | undefined;
}

/** @param start where in the caret's prefix the parsed text begins */
export function createView(
  parse: () => ParsedText | undefined,
  start: number,
  languageId: string,
): SyntaxView {
  let known: { readonly parsed: ParsedText; readonly opaque: readonly Span[] } | undefined;
  const parsed = () => {
    const now = known?.parsed ?? parse();
    if (now !== undefined) known ??= { parsed: now, opaque: opaqueIn(now.tree.rootNode, 0) };
    return known;
  };

  /** A text whose brackets are closed parses as a whole: errors stay where they are. */
  const withText = <T>(text: string, use: (tree: Tree, from: number, to: number) => T): T | undefined => {
    const base = parsed();
    if (base === undefined) return undefined;
    const before = base.parsed.text;
    const own = opaqueSpans(text, languageId).map((span) => shifted(span, before.length));
    const { openers } = unmatched(before + text, [...base.opaque, ...own]);
    const closers = openers.map(({ character }) => closerOf[character]).reverse();
    const whole = `${before}${text}\n${closers.join('')}`;
    return base.parsed.variant(whole, (tree) => use(tree, before.length, before.length + text.length));
  };

  return {
    start,
    opaque: () => parsed()?.opaque.map((span) => shifted(span, start)),
    place() {
      const base = parsed();
      // No tree can tell what is still open at the end of a text.
      const text = base && withoutPatterns(base.parsed.text, base.opaque);
      if (text === undefined) return undefined;
      return unfinished(text, languageId) ?? withText(placeholder, placeOf);
    },
    written: (text, use) => withText(text, (tree, from, to) => use(describe(tree, from, to))),
  };
}

/** Blanks regular expressions out: a quote in one begins no string. */
export function withoutPatterns(text: string, opaque: readonly Span[]): string {
  let rest = text;
  for (const { start, end } of opaque) {
    if (!/^\/(?![/*])/.test(text.slice(start, start + 2))) continue;
    rest = rest.slice(0, start) + ' '.repeat(end - start) + rest.slice(end);
  }
  return rest;
}

/** A name can stand almost everywhere, and what it is becomes clear from what it stands in. */
const placeholder = 'x';

function placeOf(tree: Tree, from: number, to: number): Place {
  const node = tree.rootNode.descendantForIndex(from, to);
  const chain = node === null ? [] : ancestors(node);
  const around = chain.findIndex(isContainer);
  const inside = around < 0 ? chain : chain.slice(0, around);
  if (inside.some(isComment)) return 'comment';
  if (inside.some(isOpaque)) return 'string';
  if (inside.some(isType)) return 'type';
  // The name is a statement of its own, be it at the start of one that goes on below.
  const container = chain[around];
  const statement = around > 0 ? chain[around - 1] : undefined;
  return container !== undefined && statement?.startIndex === from ? 'body' : 'expression';
}

function describe(tree: Tree, from: number, to: number): Written {
  const root = tree.rootNode;
  const container = ancestors(root.descendantForIndex(from, from) ?? root).find(
    // A block without brackets begins with its first statement; one with brackets is a statement itself.
    (node) => isContainer(node) && (node.startIndex < from || node.firstChild?.isNamed === true),
  );
  const children = (container ?? root).namedChildren.filter(
    (node) => node.startIndex >= from && node.startIndex < to && !isComment(node),
  );
  return {
    opaque: opaqueIn(root, from).map((span) => shifted(span, -from)),
    statements: children.map((node) => ({ start: node.startIndex - from, end: node.endIndex - from })),
    isBetweenStatements(at) {
      const node = root.descendantForIndex(from + at, from + at);
      if (node === null || !isContainer(node) || node.startIndex >= from + at) return false;
      const before = node.children.findLast((child) => child.endIndex <= from + at);
      return before !== undefined && !before.hasError;
    },
  };
}

function ancestors(node: Node): Node[] {
  const chain: Node[] = [];
  for (let at: Node | null = node; at !== null; at = at.parent) chain.push(at);
  return chain;
}

/** From `from` on; templates count by their plain parts. */
function opaqueIn(root: Node, from: number): Span[] {
  const spans: Span[] = [];
  for (const node of root.descendantsOfType([...opaqueTypes])) {
    if (node.endIndex <= from || !isOpaque(node) || (spans.at(-1)?.end ?? 0) > node.startIndex) continue;
    spans.push({ start: node.startIndex, end: node.endIndex });
  }
  return spans;
}

function shifted({ start, end }: Span, by: number): Span {
  return { start: start + by, end: end + by };
}
