import { lex } from './lexing';

/** Lines of the preprocessor (`#include <a.h>`), with what continues them: clangd takes their dots for others. */
export const isPreprocessor = (before: string): boolean =>
  /(?:^|\n)[^\S\n]*#(?:[^\n]|\\\r?\n)*$/.test(before);

/**
 * Whether clangd may leave out private names: it does so in `void Class::`, where a member is defined outside of its class.
 * What names a class has its own name among the others.
 */
export function hidesPrivateNames(before: string, words: readonly string[]): boolean {
  const qualifier = /([\p{L}\p{N}_]+|>)::$/u.exec(before)?.[1];
  if (qualifier === undefined || (qualifier !== '>' && !words.includes(qualifier))) return false;
  const braces = lex(before, 'c').openAt.filter((at) => before[at] === '{');
  return braces.every((at) =>
    /\b(?:namespace\b[^;{}()]*|extern\s*"C"\s*)$/.test(before.slice(Math.max(0, at - 300), at)),
  );
}
