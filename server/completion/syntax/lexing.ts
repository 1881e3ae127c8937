/** Part of a text, from `start` up to but not including `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const slashComments = String.raw`\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)`;
const blockComments = String.raw`\/\*[\s\S]*?(?:\*\/|$)`;
const hashComments = String.raw`#[^\n]*`;
const dashComments = String.raw`--[^\n]*`;
const tripleQuotes = String.raw`"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)`;
const doubleQuotes = String.raw`"(?:\\.|[^"\\\n])*(?:"|(?=\n)|$)`;
/** Behind a word it is an apostrophe, a transposition or a part of a number, unless the word says what string it is. */
const singleQuotes = String.raw`(?:(?<!\w)|(?<=(?<!\w)(?:[bBfFrRuULtT]{1,2}|u8)))'(?:\\.|[^'\\\n])*(?:'|(?=\n)|$)`;
/** Where an apostrophe alone means something else, such as a lifetime. */
const characters = String.raw`'(?:\\[^\n]{1,8}?|[^'\\\n])'`;
const templates = String.raw`\`(?:\\[\s\S]|[^\`\\])*(?:\`|$)`;

const common = [slashComments, doubleQuotes, singleQuotes];
const hash = [hashComments, tripleQuotes, doubleQuotes, singleQuotes];
const partsOf: Readonly<Record<string, readonly string[]>> = {
  javascript: [...common, templates],
  javascriptreact: [...common, templates],
  typescript: [...common, templates],
  typescriptreact: [...common, templates],
  go: [...common, templates],
  rust: [slashComments, doubleQuotes, characters],
  css: [blockComments, doubleQuotes, singleQuotes],
  lua: [dashComments, doubleQuotes, singleQuotes],
  sql: [dashComments, doubleQuotes, singleQuotes],
};
const hashLanguages = [
  'python',
  'ruby',
  'shellscript',
  'yaml',
  'dockercompose',
  'perl',
  'r',
  'toml',
  'makefile',
  'elixir',
  'dockerfile',
  'powershell',
  'terraform',
  'julia',
  'coffeescript',
  'properties',
  'fish',
  'cmake',
  'nim',
  'gdscript',
];
const slashLanguages = [
  'c',
  'cpp',
  'cuda-cpp',
  'csharp',
  'java',
  'kotlin',
  'scala',
  'groovy',
  'swift',
  'dart',
  'php',
  'objective-c',
  'objective-cpp',
  'scss',
  'less',
  'json',
  'jsonc',
  'proto3',
  'solidity',
  'zig',
  'glsl',
  'hlsl',
];
/** Languages with literals of regular expressions, in which a slash may begin what brackets mean nothing in. */
const patternLanguages = [
  'javascript',
  'javascriptreact',
  'typescript',
  'typescriptreact',
  'ruby',
  'perl',
  'coffeescript',
  'groovy',
];

/** Whether the signs below are those of the language, rather than a guess. */
export const isKnown = (languageId: string): boolean =>
  languageId in partsOf || hashLanguages.includes(languageId) || slashLanguages.includes(languageId);

export const hasPatterns = (languageId: string): boolean => patternLanguages.includes(languageId);

const patterns = new Map<string, RegExp>();

/**
 * Strings and comments, told by their signs: what brackets mean nothing in. It knows neither regular expressions nor
 * code within templates; a syntax tree does, where there is one.
 */
export function opaqueSpans(text: string, languageId: string): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(patternOf(languageId))) {
    spans.push({ start: match.index, end: match.index + match[0].length });
  }
  return spans;
}

/** The same for a text behind the beginning of its first line, in which a string may have begun. */
export function opaqueBehind(linePrefix: string, text: string, languageId: string): Span[] {
  const from = linePrefix.length;
  return opaqueSpans(linePrefix + text, languageId)
    .filter(({ end }) => end > from)
    .map(({ start, end }) => ({ start: Math.max(0, start - from), end: end - from }));
}

function patternOf(languageId: string): RegExp {
  const known = patterns.get(languageId);
  if (known !== undefined) return known;
  const parts = partsOf[languageId] ?? (hashLanguages.includes(languageId) ? hash : common);
  const pattern = new RegExp(parts.join('|'), 'g');
  patterns.set(languageId, pattern);
  return pattern;
}

/** What the text ends in without having closed it: for a text that ends at the caret. */
export function unfinished(text: string, languageId: string): 'comment' | 'string' | undefined {
  const last = opaqueSpans(text, languageId).at(-1);
  if (last === undefined || last.end < text.length) return undefined;
  const span = text.slice(last.start, last.end);
  if (/^(?:\/\/|#|--)/.test(span)) return 'comment';
  if (span.startsWith('/*')) return span.length >= 4 && span.endsWith('*/') ? undefined : 'comment';
  const quote = /^(?:"""|'''|.)/.exec(span)?.[0] ?? '';
  const isClosed = span.length >= 2 * quote.length && span.endsWith(quote);
  return isClosed ? undefined : 'string';
}
