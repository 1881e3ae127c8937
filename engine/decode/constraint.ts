import { intersection, type TokenMask } from './distribution';

/**
 * What restricts the next token beyond the vocabulary itself: token healing and the type monitors. A
 * constraint sees the text as it grows and says at each position which tokens may follow.
 */
export interface Constraint {
  /** The tokens that may follow `text`, the completion so far; undefined where anything may. */
  allowed(text: string): Promise<TokenMask | undefined>;
}

/** No constraint anywhere. */
export const unconstrained: Constraint = { allowed: async () => undefined };

/** The tokens that may follow `text`, and whether the constraint has a say there. */
export async function allowedAt(
  { vocabulary, constraint }: { readonly vocabulary: TokenMask; readonly constraint: Constraint },
  text: string,
): Promise<{ readonly mask: TokenMask; readonly isConstrained: boolean }> {
  const mask = await constraint.allowed(text);
  return mask === undefined
    ? { mask: vocabulary, isConstrained: false }
    : { mask: intersection(vocabulary, mask), isConstrained: true };
}
