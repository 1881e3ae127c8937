import type { Edit, Parser, Tree } from 'web-tree-sitter';
import type { Grammar } from './grammars';

/** A text and its syntax tree. It belongs to `Trees` and holds until the next question. */
export interface ParsedText {
  readonly text: string;
  readonly tree: Tree;
  /** Calls `use` with the tree of another, similar text; undefined if that took too long. */
  variant<T>(text: string, use: (tree: Tree) => T): T | undefined;
}

export interface Trees {
  /** The tree of a text of this session; undefined if it is not there in time, and then it is worked at in idle time. */
  parse(session: string, grammar: Grammar, text: string): ParsedText | undefined;
  forget(session: string): void;
}

/** Milliseconds of one question: an editor's other requests wait for it. */
const usualBudgetMs = 8;
/** Milliseconds at one go of what is worked at while nobody asks, and of all of it together. */
const sliceMs = 3;
const patienceMs = 400;
const mostSessions = 4;

interface Session {
  readonly grammar: Grammar;
  readonly parser: Parser;
  text: string;
  tree: Tree | undefined;
  /** What is being worked at in idle time. */
  pending: { readonly text: string; readonly from: Tree | undefined } | undefined;
}

/**
 * One tree for each of the last documents, parsed anew only where its text has changed: a keystroke costs a fraction
 * of a millisecond whatever the length.
 */
export function createTrees(budgetMs = usualBudgetMs): Trees {
  /** The least recently used first. */
  const sessions = new Map<string, Session>();

  function sessionOf(name: string, grammar: Grammar): Session {
    const known = sessions.get(name);
    if (known !== undefined && known.grammar !== grammar) forget(name);
    const session = sessions.get(name) ?? {
      grammar,
      parser: new grammar.library.Parser().setLanguage(grammar.language),
      text: '',
      tree: undefined,
      pending: undefined,
    };
    sessions.delete(name);
    sessions.set(name, session);
    const [oldest] = sessions.keys();
    if (sessions.size > mostSessions && oldest !== undefined) forget(oldest);
    return session;
  }

  function forget(name: string): void {
    const session = sessions.get(name);
    if (session === undefined) return;
    sessions.delete(name);
    abandon(session);
    session.tree?.delete();
    session.parser.delete();
  }

  /** Goes on with what did not end in time, in slices between which messages are read. */
  function goOn(session: Session, spentMs: number): void {
    const { pending } = session;
    if (pending === undefined) return;
    if (spentMs > patienceMs) {
      abandon(session);
      return;
    }
    setImmediate(() => {
      if (session.pending !== pending) return;
      const tree = parseWithin(session.parser, pending.text, pending.from, sliceMs);
      if (tree === undefined) {
        goOn(session, spentMs + sliceMs);
        return;
      }
      pending.from?.delete();
      session.pending = undefined;
      keep(session, pending.text, tree);
    });
  }

  function variant<T>(name: string, session: Session, text: string, use: (tree: Tree) => T): T | undefined {
    // A parser that has been forgotten is gone, and one that has not finished holds what it is at.
    if (sessions.get(name) !== session || session.pending !== undefined) return undefined;
    const from = edited(session, text);
    const tree = parseWithin(session.parser, text, from, budgetMs);
    from?.delete();
    if (tree === undefined) {
      session.parser.reset();
      return undefined;
    }
    try {
      return use(tree);
    } finally {
      tree.delete();
    }
  }

  return {
    forget,
    parse(name, grammar, text) {
      const session = sessionOf(name, grammar);
      if (session.tree === undefined || session.text !== text) {
        if (session.pending?.text === text) return undefined;
        abandon(session);
        const from = edited(session, text);
        const tree = parseWithin(session.parser, text, from, budgetMs);
        if (tree === undefined) {
          session.pending = { text, from };
          goOn(session, budgetMs);
          return undefined;
        }
        from?.delete();
        keep(session, text, tree);
      }
      const { tree } = session;
      return tree && { text, tree, variant: (other, use) => variant(name, session, other, use) };
    },
  };
}

function parseWithin(parser: Parser, text: string, from: Tree | undefined, ms: number): Tree | undefined {
  const end = performance.now() + ms;
  // The library's type says that the answer is not looked at; it is: `true` ends the work.
  return parser.parse(text, from ?? null, { progressCallback: () => performance.now() > end }) ?? undefined;
}

function keep(session: Session, text: string, tree: Tree): void {
  session.tree?.delete();
  session.tree = tree;
  session.text = text;
}

function abandon(session: Session): void {
  if (session.pending === undefined) return;
  session.parser.reset();
  session.pending.from?.delete();
  session.pending = undefined;
}

/** The session's tree, told what differs in `text`; a copy, since the tree itself stays as it is. */
function edited({ grammar, tree, text: old }: Session, text: string): Tree | undefined {
  if (tree === undefined) return undefined;
  const copy = tree.copy();
  copy.edit(new grammar.library.Edit(difference(old, text)));
  return copy;
}

function difference(old: string, text: string): Pick<Edit, keyof ConstructorParameters<typeof Edit>[0]> {
  const shorter = Math.min(old.length, text.length);
  let start = 0;
  while (start < shorter && old.charCodeAt(start) === text.charCodeAt(start)) start++;
  let tail = 0;
  const left = shorter - start;
  while (tail < left && old.charCodeAt(old.length - 1 - tail) === text.charCodeAt(text.length - 1 - tail))
    tail++;
  const oldEnd = old.length - tail;
  const newEnd = text.length - tail;
  return {
    startIndex: start,
    oldEndIndex: oldEnd,
    newEndIndex: newEnd,
    startPosition: pointAt(old, start),
    oldEndPosition: pointAt(old, oldEnd),
    newEndPosition: pointAt(text, newEnd),
  };
}

function pointAt(text: string, index: number): { row: number; column: number } {
  let row = 0;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) {
    row++;
    lineStart = at + 1;
  }
  return { row, column: index - lineStart };
}
