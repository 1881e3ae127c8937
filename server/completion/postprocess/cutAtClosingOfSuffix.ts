import type { Filter } from './filter';

/** What editors close by themselves while the caret is inside: the rule by which Copilot tells it too. */
const closers = /^\s*[)>}\]"'`]*\s*[:{;,]?\s*$/;
const openingOf: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{', '>': '<' };
const quotes = '"\'`';

/**
 * `call(║)`: the bracket after the caret closes what the caret is in, so a completion that closes it
 * itself ends there, and one that ends a statement which the suffix ends too leaves that to the suffix.
 */
export const cutAtClosingOfSuffix: Filter = (completion, { linePrefix, lineSuffix }) => {
  const rest = lineSuffix.trim();
  const closer = rest[0];
  if (closer === undefined) return completion;
  // A string ends where it ends, whatever stands behind it.
  if (quotes.includes(closer) && lineSuffix.startsWith(closer))
    return cutAtQuote(completion, closer, linePrefix);
  const opener = openingOf[closer];
  // `{║}` is a pair, also where it is text.
  const isPair = opener !== undefined && linePrefix.endsWith(opener) && lineSuffix.startsWith(closer);
  if (isPair && !closers.test(lineSuffix)) return cutAtUnmatched(completion, opener, closer);
  if (!closers.test(lineSuffix)) return completion;
  if (quotes.includes(closer)) return cutAtQuote(completion, closer, linePrefix);
  const cut = opener === undefined ? completion : cutAtUnmatched(completion, opener, closer);
  // Within braces there are statements, which end by themselves.
  const terminator = closer === '}' ? '' : (rest.at(-1) ?? '');
  return terminator !== '' && ';,:{'.includes(terminator) && cut.trimEnd().endsWith(terminator)
    ? cut.trimEnd().slice(0, -1)
    : cut;
};

/** The quote after the caret ends the string only if that string was opened on this line. */
function cutAtQuote(completion: string, quote: string, linePrefix: string): string {
  if ((linePrefix.split(quote).length - 1) % 2 === 0) return completion;
  for (let at = 0; at < completion.length; at++) {
    if (completion[at] === '\\') at++;
    else if (completion[at] === quote) return completion.slice(0, at);
  }
  return completion;
}

function cutAtUnmatched(completion: string, opener: string, closer: string): string {
  let depth = 0;
  let openQuote = '';
  for (let at = 0; at < completion.length; at++) {
    const character = completion.charAt(at);
    if (character === '\\') at++;
    // An apostrophe in a comment must not hide the rest of the text.
    else if (character === '\n') openQuote = openQuote === '`' ? '`' : '';
    else if (openQuote !== '') openQuote = character === openQuote ? '' : openQuote;
    else if (quotes.includes(character)) openQuote = character;
    // Arrows, of functions and of their types, are no brackets.
    else if (closer === '>' && '=-'.includes(character) && completion[at + 1] === '>') at++;
    else if (character === opener) depth++;
    else if (character === closer && --depth < 0) return completion.slice(0, at);
  }
  return completion;
}
