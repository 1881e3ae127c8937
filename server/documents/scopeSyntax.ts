/** A kind of comment or string. */
export interface Region {
  readonly kind: 'comment' | 'string';
  readonly open: string;
  /** Pattern of what ends it, with what cannot end it before: found from behind `open`. */
  readonly close: string;
}

export interface ScopeSyntax {
  readonly regions: readonly Region[];
  /** Pattern of all that begins something. */
  readonly openers: string;
  /** Whether backticks hold strings with code in `${}`. */
  readonly templates: boolean;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const lineComment = (open: string): Region => ({ kind: 'comment', open, close: '$' });
const blockComment = (open: string, close: string): Region => ({
  kind: 'comment',
  open,
  close: escaped(close),
});
/** Ends with its line at the latest. */
const lineString = (quote: string): Region => ({
  kind: 'string',
  open: quote,
  close: `(?<=(?:^|[^\\\\])(?:\\\\\\\\)*)(?:${quote}|$)`,
});
const longString = (open: string, close = open): Region => ({
  kind: 'string',
  open,
  close: `(?<=(?:^|[^\\\\])(?:\\\\\\\\)*)${escaped(close)}`,
});
const rawString = (open: string, close = open): Region => ({ kind: 'string', open, close: escaped(close) });

const slashes = [lineComment('//'), blockComment('/*', '*/')];
const quotes = [lineString('"'), lineString("'")];
const hash = [lineComment('#')];
const triple = [longString('"""'), longString("'''")];

/** What each family of languages has; the longest marks first. */
const families = {
  c: [...slashes, ...quotes],
  csharp: [...slashes, longString('"""'), ...quotes],
  rust: [...slashes, longString('"')],
  go: [...slashes, rawString('`'), ...quotes],
  java: [...slashes, longString('"""'), ...quotes],
  script: [...slashes, ...quotes],
  php: [...slashes, ...hash, longString('"'), longString("'")],
  css: [blockComment('/*', '*/'), ...quotes],
  python: [...hash, ...triple, ...quotes],
  shell: [...hash, longString('"'), rawString("'")],
  hash: [...hash, ...quotes],
  toml: [...hash, ...triple, ...quotes],
  sql: [lineComment('--'), blockComment('/*', '*/'), rawString("'")],
  lua: [blockComment('--[[', ']]'), lineComment('--'), rawString('[[', ']]'), ...quotes],
  haskell: [blockComment('{-', '-}'), lineComment('--'), lineString('"')],
  markup: [blockComment('<!--', '-->')],
  percent: [lineComment('%')],
  semicolon: [lineComment(';'), longString('"')],
} satisfies Record<string, readonly Region[]>;

type Family = keyof typeof families;

const languages: Readonly<Record<string, Family>> = {
  ...Object.fromEntries(
    [
      'c',
      'cpp',
      'objective-c',
      'objective-cpp',
      'dart',
      'groovy',
      'scss',
      'less',
      'jsonc',
      'json',
      'proto',
      'zig',
    ].map((id) => [id, 'c'] as const),
  ),
  csharp: 'csharp',
  java: 'java',
  kotlin: 'java',
  scala: 'java',
  swift: 'java',
  rust: 'rust',
  go: 'go',
  php: 'php',
  css: 'css',
  javascript: 'script',
  javascriptreact: 'script',
  typescript: 'script',
  typescriptreact: 'script',
  python: 'python',
  toml: 'toml',
  shellscript: 'shell',
  perl: 'shell',
  ...Object.fromEntries(
    [
      'ruby',
      'r',
      'yaml',
      'makefile',
      'dockerfile',
      'elixir',
      'julia',
      'powershell',
      'coffeescript',
      'ini',
      'nim',
    ].map((id) => [id, 'hash'] as const),
  ),
  sql: 'sql',
  lua: 'lua',
  haskell: 'haskell',
  html: 'markup',
  xml: 'markup',
  vue: 'markup',
  svelte: 'markup',
  markdown: 'markup',
  latex: 'percent',
  tex: 'percent',
  matlab: 'percent',
  erlang: 'percent',
  clojure: 'semicolon',
  lisp: 'semicolon',
  scheme: 'semicolon',
};

/** `$#` of a shell and `a#b` of YAML are no comments. */
const afterSpace: ReadonlySet<Family> = new Set(['shell', 'hash']);

const known = new Map<Family, ScopeSyntax>();

/** How comments and strings look in a language; undefined where that is not known. */
export function syntaxOf(languageId: string): ScopeSyntax | undefined {
  const family = languages[languageId];
  if (family === undefined) return undefined;
  const there = known.get(family);
  if (there !== undefined) return there;
  const regions: readonly Region[] = families[family];
  const templates = family === 'script';
  const marks = regions.map(({ open }) =>
    open === '#' && afterSpace.has(family) ? '(?<=^|\\s)#' : escaped(open),
  );
  const own = templates ? ['`', '/', '\\{', '\\}'] : [];
  // What is escaped outside of strings, as in a shell, opens none; nor does a character of Rust, which is no string.
  const skipped =
    family === 'shell' ? ['\\\\[^]'] : family === 'rust' ? ["'(?:\\\\[^\\n]+?|[^\\\\'\\n])'"] : [];
  const syntax = { regions, openers: [...skipped, ...marks, ...own].join('|'), templates };
  known.set(family, syntax);
  return syntax;
}
