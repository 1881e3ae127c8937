import type { FinishedRequest } from '../completion/finished';
import type { ServedCompletion } from '../retrieval/use';
import { quoted } from './words';

/** What was shown, what else there was to choose from, or why there is nothing. */
export function textLines({ result }: FinishedRequest): string[] {
  if (result.kind === 'empty') {
    const message = result.message.replaceAll(/\s+/g, ' ');
    return [`! ${message}`, ...(result.completion === undefined ? [] : filterLines(result.completion))];
  }
  const { typedSince = '', text, alternatives, completion } = result;
  return [
    // Of an earlier completion, which goes on behind it.
    ...(typedSince === '' ? [] : [`typed ${quoted(typedSince)}`]),
    `text ${quoted(text)}`,
    ...alternatives.map((alternative) => `alternative ${quoted(alternative)}`),
    ...(completion.text === text ? [] : [`written ${quoted(completion.text)}`]),
    ...filterLines(completion),
  ];
}

/** What each filter that changed something has left. */
const filterLines = ({ filtered = [] }: ServedCompletion): string[] =>
  filtered.map(({ filter, text }) => `filter ${filter}  left ${quoted(text)}`);
