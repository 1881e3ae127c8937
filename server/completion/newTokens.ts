import type { Completion, TokenTrace } from '../../engine/index';

/** The tokens without what stands before the caret already; of one that reaches across it, what is behind. */
export function newTokens<T extends TokenTrace>({
  tokens,
  typed,
}: Pick<Completion, 'typed'> & { readonly tokens: readonly T[] }): T[] {
  let left = typed.length;
  return tokens.flatMap((token) => {
    const text = token.text.slice(left);
    left = Math.max(0, left - token.text.length);
    // An end token has no text, wherever it stands.
    return text === '' && token.text !== '' ? [] : [{ ...token, text }];
  });
}
