import type { CompletionMode } from '../../engine/index';
import type { Settings } from '../protocol';
import type { CaretContext } from './caret';

const opensScope = /(?:[{([]|=>)\s*$/;
/** Elsewhere a colon opens a type, a value or a `case`: mostly one line. */
const colonOpensScope = new Set(['python', 'yaml', 'nim', 'gdscript', 'coffeescript']);
const lineComment = /^\s*(?:\/\/|#|\*|\/\*|--)/;

/**
 * One line, or the rest of the block? A block is worth the wait and the space on the screen only where
 * one begins: on an empty line, or after something that opens a scope, with nothing behind the caret.
 */
export function chooseMode(
  caret: CaretContext,
  languageId: string,
  multiline: Settings['multiline'],
): CompletionMode {
  if (multiline === 'never') return 'line';
  if (caret.lineSuffix.trim() !== '') return 'line';
  if (caret.linePrefix.trim() === '') return 'block';
  if (lineComment.test(caret.linePrefix)) return 'line';
  if (opensScope.test(caret.linePrefix)) return 'block';
  const afterColon = caret.linePrefix.trimEnd().endsWith(':') && colonOpensScope.has(languageId);
  return afterColon ? 'block' : 'line';
}
