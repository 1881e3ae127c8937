import { indentationStyle, indentOf } from '../../completion/postprocess/indentation';
import { unmatched } from '../../completion/syntax/brackets';
import { opaqueSpans } from '../../completion/syntax/lexing';
import type { CompletionPlace } from './places';

/** What can be wrong with a text at its place, however good a guess it is. */
export const violationKinds = [
  'doubled bracket',
  'doubled quote',
  'repeated suffix',
  'indentation',
  'left open',
] as const;
export type Violation = (typeof violationKinds)[number];

/**
 * Judges a text at the place where it would go by the whole file with it, compared with the file as it was. It shares
 * with the filters only the lexing of strings and comments.
 */
export function violations(place: CompletionPlace, text: string): Violation[] {
  if (text.trim() === '') return [];
  const found: Violation[] = [];
  const strays = Math.max(strayClosers(place, place.truth), strayClosers(place, ''));
  if (closesOutside(place, text) && strayClosers(place, text) > strays) found.push('doubled bracket');
  if (doublesQuote(place, text)) found.push('doubled quote');
  if (repeatsSuffix(place, text)) found.push('repeated suffix');
  if (isIndentedWrongly(place, text)) found.push('indentation');
  if (isLeftOpen(place, text)) found.push('left open');
  return found;
}

const lastLine = (text: string): string => text.slice(text.lastIndexOf('\n') + 1);
const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
const filled = (lines: readonly string[]): string[] => lines.map((line) => line.trimEnd()).filter(Boolean);

function strayClosers({ before, after, language }: CompletionPlace, text: string): number {
  const file = before + text + after;
  return unmatched(file, opaqueSpans(file, language)).closers.length;
}

/** Whether it closes anything at all that is before it: what it fails to open is another fault. */
function closesOutside({ language }: CompletionPlace, text: string): boolean {
  return unmatched(text, opaqueSpans(text, language)).closers.length > 0;
}

/** `"║"` with a text that closes the string itself. */
function doublesQuote({ before, after, truth }: CompletionPlace, text: string): boolean {
  const quote = after.charAt(0);
  if (!'"\'`'.includes(quote) || quote === '' || lastLine(before).split(quote).length % 2 === 1) return false;
  return text.trimEnd().endsWith(quote) && !truth.trimEnd().endsWith(quote);
}

/** The text ends with the rest of the caret's line, or with the lines below it; what the file itself has is no repetition. */
function repeatsSuffix({ before, after, truth }: CompletionPlace, text: string): boolean {
  const rest = firstLine(after).trim();
  if (/\w/.test(rest) && text.trimEnd().endsWith(rest) && !truth.trimEnd().endsWith(rest)) return true;
  const below = filled(after.split('\n').slice(1, 64));
  const repeats = (written: string): boolean => {
    const lines = filled((lastLine(before) + written).split('\n'));
    for (let count = Math.min(lines.length, below.length); count > 0; count--) {
      const end = lines.slice(-count);
      if (end.every((line, index) => line === below[index]) && end.some((line) => /\w/.test(line)))
        return true;
    }
    return false;
  };
  return repeats(text) && !repeats(truth);
}

/** Another first line's indentation than the file had there, other characters than the file's, or a level that is none. */
function isIndentedWrongly({ before, after, truth }: CompletionPlace, text: string): boolean {
  const caretLine = lastLine(before);
  const isBlank = caretLine.trim() === '';
  const first = (written: string): string | undefined =>
    (isBlank ? caretLine + written : `x\n${written.split('\n').slice(1).join('\n')}`)
      .split('\n')
      .slice(isBlank ? 0 : 1)
      .find((line) => line.trim() !== '');
  const [ours, theirs] = [first(text), first(truth)];
  if (ours !== undefined && theirs !== undefined && indentOf(ours) !== indentOf(theirs)) return true;

  const style = indentationStyle({
    prefix: before,
    suffix: after,
    linePrefix: caretLine,
    lineSuffix: '',
    lineEnding: '\n',
  });
  const further = text
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '');
  if (style === undefined) return false;
  const wrong = style.unit === '\t' ? /^\t* {2,}/ : /^ *\t/;
  if (further.some((line) => wrong.test(line))) return true;
  const width = style.unit === '\t' ? 1 : style.unit.length;
  const isOff = (line: string) => indentOf(line).length % width !== 0 && !/^\s*\*/.test(line);
  // Some files align what they write.
  return further.some(isOff) && !filled(before.split('\n').slice(-80)).some(isOff);
}

const goesOn = /(?:[([{,:=+\-*/%&|?.\\]|=>|\b(?:and|or|not|in|is|as|extends|from|return))\s*$/;

/** One line that ends within brackets, without a sign that it goes on below. */
function isLeftOpen({ after, language }: CompletionPlace, text: string): boolean {
  if (text.includes('\n') || firstLine(after).trim() !== '' || goesOn.test(text)) return false;
  return unmatched(text, opaqueSpans(text, language)).openers.length > 0;
}
