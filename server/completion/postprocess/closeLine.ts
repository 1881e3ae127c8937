import { closerOf } from '../syntax/brackets';
import { hasPatterns, isKnown, opaqueSpans, type Span, unfinished } from '../syntax/lexing';
import { withoutPatterns } from '../syntax/view';
import { type Filter, type FilterContext, isCutOff, isProse } from './filter';

/** What a line may end with that goes on below: an opening bracket, a comma, an operator. */
const goesOn = /(?:[([{,:=+\-*/%&|?.\\]|=>|\b(?:and|or|not|in|is|as|extends|from|return))\s*$/;

/**
 * A completion of one line that the model ended does not leave open what it has opened, unless the line goes on below:
 * its brackets are closed, as VS Code does it for providers that ask for it, and a string that has no end is not begun.
 * What was cut off stays open, since the next completion goes on with it.
 */
export const closeLine: Filter = (completion, context) => {
  const text = completion.trimEnd();
  if (text === '' || text.includes('\n') || isProse(context) || isCutOff(context)) return completion;
  const { linePrefix, lineSuffix, languageId, syntax } = context;
  if (lineSuffix.trim() !== '' || unfinished(linePrefix, languageId) !== undefined) return completion;
  const place = syntax?.place();
  // The lines above tell whether this one is text, as in a comment of several lines.
  if (place === 'comment' || place === 'string') return completion;
  const plain = plainCode(text, context);
  if (plain === undefined) return completion;
  const code = withoutOpenString(plain, languageId);
  // Behind a comment, or in a text of several lines, a bracket would be text.
  if (unfinished(code, languageId) !== undefined) return completion;
  const whole = text.slice(0, code.length);
  if (goesOn.test(code)) return whole === text ? completion : whole;
  return balanced(whole, opaqueSpans(code, languageId), code);
};

/** The text with its regular expressions blanked out; undefined where nobody can tell what in it is code. */
function plainCode(text: string, { syntax, languageId }: FilterContext): string | undefined {
  if (!isKnown(languageId)) return undefined;
  if (!hasPatterns(languageId) || !text.includes('/')) return text;
  return syntax?.written(text, ({ opaque }) => withoutPatterns(text, opaque));
}

/**
 * Closes what the text opens: before the bracket that closes something around it, else at the end.
 * @param code the text, with blanks for what is none
 */
function balanced(text: string, opaque: readonly Span[], code: string): string {
  const open: string[] = [];
  let result = '';
  for (let at = 0; at < text.length; at++) {
    const character = code.charAt(at);
    const span = opaque.find(({ start, end }) => start <= at && at < end);
    if (span !== undefined) {
      result += text.slice(at, span.end);
      at = span.end - 1;
      continue;
    }
    const closer = closerOf[character];
    if (closer !== undefined) open.push(closer);
    else if (')]}'.includes(character)) {
      while (open.length > 0 && open.at(-1) !== character) result += open.pop() ?? '';
      open.pop();
    }
    result += text.charAt(at);
  }
  return result + open.reverse().join('');
}

/** A text of several lines is meant to go on. */
function withoutOpenString(text: string, languageId: string): string {
  const last = opaqueSpans(text, languageId).at(-1);
  if (last === undefined || unfinished(text, languageId) !== 'string') return text;
  return /^(?:`|"""|''')/.test(text.slice(last.start)) ? text : text.slice(0, last.start).trimEnd();
}
