import type { Filter } from './filter';

/** In line mode nothing after the first line break was asked for. */
export const keepOneLine: Filter = (completion, { mode }) => {
  if (mode !== 'line') return completion;
  const end = completion.indexOf('\n');
  return end < 0 ? completion : completion.slice(0, end);
};
