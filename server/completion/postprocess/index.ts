import { cutAtClosingOfSuffix } from './cutAtClosingOfSuffix';
import { cutAtLineBelow } from './cutAtLineBelow';
import { cutRepetition } from './cutRepetition';
import { dropBlank } from './dropBlank';
import type { Filter, FilterContext } from './filter';
import { keepOneLine } from './keepOneLine';
import { restoreLineEnding } from './restoreLineEnding';
import { trimSuffixOverlap } from './trimSuffixOverlap';
import { trimTrailingWhitespace } from './trimTrailingWhitespace';

export type { Filter, FilterContext } from './filter';

/** In order: shorten to what was asked for, remove what is already there, tidy up. */
const filters: readonly Filter[] = [
  keepOneLine,
  cutRepetition,
  cutAtClosingOfSuffix,
  cutAtLineBelow,
  trimSuffixOverlap,
  trimTrailingWhitespace,
  dropBlank,
  restoreLineEnding,
];

/** From the model's text to the text that is shown; empty if nothing is left of it. */
export function postprocess(completion: string, context: FilterContext): string {
  return filters.reduce((text, filter) => filter(text, context), completion);
}
