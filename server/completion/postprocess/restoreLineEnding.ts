import type { Filter } from './filter';

/** Models are trained on `\n`; what goes into the document has the document's line ending. */
export const restoreLineEnding: Filter = (completion, { lineEnding }) =>
  lineEnding === '\n' ? completion : completion.replaceAll('\n', lineEnding);
