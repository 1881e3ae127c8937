import type { CompletionMode } from '../../engine/index';
import type { Settings } from '../protocol';
import type { CaretContext } from './caret';
import type { Place, SyntaxView } from './syntax/index';

const opensScope = /(?:[{([]|=>)\s*$/;
/** Elsewhere a colon opens a type, a value or a `case`: mostly one line. */
const colonOpensScope = new Set(['python', 'yaml', 'nim', 'gdscript', 'coffeescript']);
/** What an editor has written behind an opening bracket by itself. */
const closesBody = /^\s*\}[)\]};,]*\s*$/;
const lineComment = /^\s*(?:\/\/|#|\*|\/\*|--)/;

/**
 * One line, or the rest of the block? A block is worth the wait and the space on the screen only where
 * one begins: on an empty line, or after something that opens a scope, with nothing behind the caret.
 * What opens a scope the syntax tree knows; where there is none, the sign before the caret has to tell.
 */
export function chooseMode(
  caret: CaretContext,
  languageId: string,
  multiline: Settings['multiline'],
  syntax?: SyntaxView,
): CompletionMode {
  if (multiline === 'never') return 'line';
  const line = caret.linePrefix.trimEnd();
  if (caret.lineSuffix.trim() !== '') {
    const isEmpty = line.endsWith('{') && closesBody.test(caret.lineSuffix);
    return isEmpty && syntax?.place() === 'body' ? 'block' : 'line';
  }
  if (lineComment.test(line)) return 'line';
  const isBlank = line.trim() === '';
  // Behind anything else no scope begins, and the tree need not be asked.
  if (!isBlank && !opensScope.test(line) && !line.endsWith(':')) return 'line';
  const place = syntax?.place();
  if (place !== undefined) return modeAt(place, line);
  return isBlank || opensScope.test(line) || colonOpensScope.has(languageId) ? 'block' : 'line';
}

/** `: () =>` leads to a type, `{ a:` to a value, and both end with the line; `case 1:` and `def f():` to statements. */
function modeAt(place: Place, line: string): CompletionMode {
  if (place === 'comment' || place === 'string') return 'line';
  if (line.endsWith('=>')) return place === 'type' ? 'line' : 'block';
  return line.endsWith(':') && place !== 'body' ? 'line' : 'block';
}
