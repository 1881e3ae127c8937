import type { Filter } from './filter';
import { indentOf } from './indentation';

/** `{║}`: what goes in between on lines of its own leaves the closing bracket one too, and on the same line the space that it begins with. */
export const padBody: Filter = (completion, { linePrefix, lineSuffix }) => {
  const closesHere = /^[}\])]/.test(lineSuffix);
  if (completion === '' || !closesHere) return completion;
  if (/^[ \t]*\n/.test(completion)) return `${completion}\n${indentOf(linePrefix)}`;
  const isSpaced = linePrefix.endsWith('{') && lineSuffix.startsWith('}') && /^ \S/.test(completion);
  return isSpaced && !completion.includes('\n') ? `${completion} ` : completion;
};
