import type { CompletionResult } from '../result';
import type { Known } from './completionCache';

/** What is shown stays among what somebody may choose from who asks for more. */
export function withKnown(
  result: CompletionResult,
  known: Known & { readonly kind: 'shown' },
): CompletionResult {
  const { text, alternatives, completion, typed } = known;
  if (result.kind === 'empty') {
    const isBetter = result.reason !== 'cancelled' && result.reason !== 'engine-failed';
    const { totalMs } = result;
    const shown = { text, alternatives, completion, typedSince: typed, totalMs };
    return isBetter ? { kind: 'shown', source: 'cache', ...shown } : result;
  }
  const isThere = [result.text, ...result.alternatives].some((other) => other.startsWith(text));
  return isThere ? result : { ...result, alternatives: [...result.alternatives, text] };
}
