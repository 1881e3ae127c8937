import type { Filter } from './filter';

/** In front of a word or an operator a space may be what separates the two. */
const needsSpaceBefore = /^[^\s)\]}>;,:.'"`]/;

/** White space at the end shows as nothing and would have to be deleted after accepting. */
export const trimTrailingWhitespace: Filter = (completion, { lineSuffix }) =>
  needsSpaceBefore.test(lineSuffix) ? completion : completion.trimEnd();
