import type { CaretContext } from '../caret';
import type { Place } from '../complete';
import { postprocess } from '../postprocess/index';

/** What editors write behind the caret by themselves when an opening one is typed. */
const closers = /^[)\]}>"'`]{1,4}$/;
const closersAtEnd = /[)\]}>"'`]{1,4}$/;

/** Where a text was to go. */
export type Offered = Pick<Place, 'mode' | 'languageId'> & Pick<CaretContext, 'suffix'>;

/**
 * What is left of a text after a part of it was typed.
 * @param typed what stands between the text's own place and the caret
 * @returns undefined where the text is not what was typed, nothing is left of it, or what stands behind the caret is in its way
 */
export function restOf(
  text: string,
  offered: Offered,
  typed: string,
  caret: CaretContext,
): string | undefined {
  if (!text.startsWith(typed)) return undefined;
  const rest = text.slice(typed.length);
  if (rest.trim() === '') return undefined;
  if (caret.suffix === offered.suffix) return rest;
  return typed === '' ? undefined : beforeClosers(rest, offered, caret);
}

/**
 * `call(║)`: with the opening bracket the editor has written the closing one, which the text has as well. It goes up to
 * there, as far as the filters let it.
 */
function beforeClosers(
  rest: string,
  { suffix, mode, languageId }: Offered,
  caret: CaretContext,
): string | undefined {
  const written = caret.suffix.slice(0, Math.max(0, caret.suffix.length - suffix.length));
  if (!closers.test(written) || !caret.suffix.endsWith(suffix)) return undefined;
  const kept = postprocess(rest, { ...caret, mode, languageId, lineEnding: '\n' });
  const isClosed = rest.startsWith(kept) && rest.slice(kept.length).trimStart().startsWith(written);
  return kept.trim() !== '' && isClosed ? kept : undefined;
}

/** Whether a text that is still being written may become one that begins with what is typed. */
export function mayContinue(written: string, typed: string): boolean {
  return written.startsWith(typed) || typed.startsWith(written);
}

/** The same where the editor may have written closing brackets behind the caret, which is not known. */
export function mayContinueClosed(written: string, typed: string): boolean {
  const opened = typed.replace(closersAtEnd, '');
  return mayContinue(written, typed) || (opened !== '' && mayContinue(written, opened));
}

/** Whether what stands behind a caret is what stood behind a place before, but for closing brackets that an editor writes. */
export const isSameSuffix = (now: string, before: string): boolean =>
  now === before || (now.endsWith(before) && closers.test(now.slice(0, now.length - before.length)));
