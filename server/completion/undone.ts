import type { CompletionResult } from './result';

/** Units without the white space around them: what is shorter is written again by chance. */
const shortest = 3;

/** Whether a text writes again what was just taken away at the caret: begins with it, or is the beginning of it. */
export function undoes(text: string, removed: string): boolean {
  const gone = words(removed);
  const written = words(text);
  if (gone === '' || written === '') return false;
  const shorter = Math.min(gone.length, written.length);
  return written === gone || (shorter >= shortest && gone.slice(0, shorter) === written.slice(0, shorter));
}

/**
 * The last of the filters, for texts from wherever they come, be they remembered from before the edit: what somebody has
 * just deleted is not wanted back.
 * @param removed what the last edit took away at the caret, if it was a removal
 */
export function withoutUndone(result: CompletionResult, removed: string | undefined): CompletionResult {
  if (result.kind === 'empty' || removed === undefined) return result;
  const [text, ...alternatives] = [result.text, ...result.alternatives].filter(
    (offered) => !undoes(offered, removed),
  );
  if (text !== undefined) return { ...result, text, alternatives };
  const { completion, totalMs } = result;
  const message = 'The model would write again what was just deleted here.';
  return { kind: 'empty', reason: 'nothing-after-filters', message, completion, totalMs };
}

/** White space is formatting: putting it elsewhere is no other text. */
const words = (text: string): string => text.trim().replace(/\s+/g, ' ');
