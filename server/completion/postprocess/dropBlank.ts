import type { Filter } from './filter';

/** White space alone is not worth a suggestion. */
export const dropBlank: Filter = (completion) => (completion.trim() === '' ? '' : completion);
