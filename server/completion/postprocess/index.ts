import { closeLine } from './closeLine';
import { cutAtClosingOfSuffix } from './cutAtClosingOfSuffix';
import { cutAtDedent } from './cutAtDedent';
import { cutAtLineBelow } from './cutAtLineBelow';
import { cutAtScopeEnd } from './cutAtScopeEnd';
import { cutAtStatementEnd } from './cutAtStatementEnd';
import { cutRepeatedLines } from './cutRepeatedLines';
import { cutRepetition } from './cutRepetition';
import { dropBlank } from './dropBlank';
import type { Filter, FilterContext } from './filter';
import { keepOneLine } from './keepOneLine';
import { matchIndentation } from './matchIndentation';
import { padBody } from './padBody';
import { restoreLineEnding } from './restoreLineEnding';
import { trimSuffixOverlap } from './trimSuffixOverlap';
import { trimTrailingWhitespace } from './trimTrailingWhitespace';

export type { Filter, FilterContext } from './filter';

/** In order: shorten to what was asked for, remove what is already there, tidy up. */
export const filters: readonly Filter[] = [
  keepOneLine,
  cutRepetition,
  cutRepeatedLines,
  matchIndentation,
  cutAtClosingOfSuffix,
  cutAtScopeEnd,
  cutAtDedent,
  cutAtStatementEnd,
  cutAtLineBelow,
  trimSuffixOverlap,
  closeLine,
  trimTrailingWhitespace,
  dropBlank,
  padBody,
  restoreLineEnding,
];

/** From the model's text to the text that is shown; empty if nothing is left of it. */
export function postprocess(completion: string, context: FilterContext): string {
  return filters.reduce((text, filter) => filter(text, context), completion);
}
