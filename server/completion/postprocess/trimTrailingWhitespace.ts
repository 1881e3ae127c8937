import type { Filter } from './filter';

/** White space at the end shows as nothing and would have to be deleted after accepting. */
export const trimTrailingWhitespace: Filter = (completion) => completion.trimEnd();
