import { type Bracket, closerOf, type OpenBracket, unmatched } from '../syntax/brackets';
import { opaqueBehind, unfinished } from '../syntax/lexing';
import { bracketsAt, type Filter, type FilterContext, isProse } from './filter';

/** Closers in a row, and what ends the statement with them. */
const closing = /[)\]}]*[;,]?/y;
/** A line that goes on with a statement whose block has ended. */
const continues = /^\s*(?:else|catch|finally|elif|except|rescue|while|[.?:&|+)\]}])/;

/**
 * The scope of the caret ends with the bracket that closes it. Where the suffix holds that bracket, the completion ends before it, else
 * behind it: what begins there is another statement.
 */
export const cutAtScopeEnd: Filter = (completion, context) => {
  if (isProse(context)) return completion;
  const closers = closersOf(completion, context);
  if (closers.length === 0) return completion;
  const open = [...bracketsAt(context)];
  for (const { character, at } of closers) {
    const closed = closeWith(character, open);
    if (closed === undefined) {
      // Only the tree knows all that is before it.
      return context.syntax?.start === 0 ? before(completion, at) : completion;
    }
    if (closed.isClosed) return before(completion, at);
    closing.lastIndex = at;
    const end = at + (closing.exec(completion)?.[0].length ?? 1);
    const rest = completion.slice(end);
    const [line = '', ...below] = rest.split('\n');
    const isEnd = character === '}' && line.trim() === '' && !continues.test(below.join('\n'));
    if (isEnd && below.some((text) => text.trim() !== '')) return completion.slice(0, end);
  }
  return completion;
};

/** The brackets that close what is before the completion. Those of a regular expression the tree knows from others. */
function closersOf(
  completion: string,
  { syntax, linePrefix, languageId }: FilterContext,
): readonly Bracket[] {
  const { closers } = unmatched(completion, opaqueBehind(linePrefix, completion, languageId));
  if (closers.length === 0 || unfinished(linePrefix, languageId) !== undefined || !completion.includes('/'))
    return closers;
  return syntax?.written(completion, ({ opaque }) => unmatched(completion, opaque).closers) ?? closers;
}

/** Takes the bracket that the closer closes off the stack, with what was left open inside it. */
function closeWith(closer: string, open: OpenBracket[]): OpenBracket | undefined {
  const found = open.findLastIndex(({ character }) => closerOf[character] === closer);
  const bracket = open[found];
  open.length = Math.max(0, found);
  return bracket;
}

/** A closer that begins its line takes the line with it. */
function before(completion: string, at: number): string {
  const lineStart = completion.lastIndexOf('\n', at) + 1;
  const isFirst = lineStart > 0 && completion.slice(lineStart, at).trim() === '';
  return completion.slice(0, isFirst ? lineStart - 1 : at);
}
