/** How comments and strings look in a language. */
export type Lexis = 'python' | 'c' | 'go';

const strings = {
  python: `"""(?:\\\\[^]|(?!""")[^])*(?:"""|(?<open>$))|'''(?:\\\\[^]|(?!''')[^])*(?:'''|(?<open2>$))`,
  c: 'R"(?<tag>[^()\\s\\\\]{0,16})\\((?:(?!\\)\\k<tag>")[^])*(?:\\)\\k<tag>"|(?<open>$))',
  go: '`[^`]*(?:`|(?<open>$))',
} as const;

const comments = {
  python: '#[^\\n]*(?:\\n|(?<open3>$))',
  c: '//[^\\n]*(?:\\n|(?<open3>$))|/\\*(?:(?!\\*/)[^])*(?:\\*/|(?<open4>$))',
  go: '//[^\\n]*(?:\\n|(?<open3>$))|/\\*(?:(?!\\*/)[^])*(?:\\*/|(?<open4>$))',
} as const;

const plainStrings = `"(?:\\\\[^]|[^"\\\\\\n])*(?:"|\\n|(?<open5>$))|'(?:\\\\[^]|[^'\\\\\\n])*(?:'|\\n|(?<open6>$))`;

const lexers = Object.fromEntries(
  (['python', 'c', 'go'] as const).map((lexis) => [
    lexis,
    // A digit group of C++ (1'000) opens no character.
    `${strings[lexis]}|${comments[lexis]}|\\d[\\w']*|${plainStrings}|[()[\\]{}]`,
  ]),
);

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

export interface Lexed {
  /** Whether the text ends within a comment or a string, where no name is looked up. */
  readonly isInText: boolean;
  /** What closes the brackets that are open at the end, innermost first. */
  readonly open: readonly string[];
  /** Where they stand, outermost first. */
  readonly openAt: readonly number[];
  /** What is closed without having been opened, in order. */
  readonly closed: readonly string[];
  /** Where brackets and strings begin, by where they end. */
  readonly begins: ReadonlyMap<number, number>;
}

/** Reads brackets, and nothing of strings and comments. */
export function lex(text: string, lexis: Lexis): Lexed {
  const open: { closer: string; at: number }[] = [];
  const closed: string[] = [];
  const begins = new Map<number, number>();
  let isInText = false;
  for (const { 0: token, index, groups = {} } of text.matchAll(new RegExp(lexers[lexis] ?? '', 'g'))) {
    const closer = closers[token];
    if (closer !== undefined) open.push({ closer, at: index });
    else if (token === ')' || token === ']' || token === '}') {
      const last = open.at(-1);
      if (last === undefined) closed.push(token);
      if (last?.closer !== token) continue;
      begins.set(index + 1, last.at);
      open.pop();
    } else {
      if (/["']$/.test(token)) begins.set(index + token.length, index);
      isInText = Object.entries(groups).some(([name, at]) => name !== 'tag' && at !== undefined);
    }
  }
  const openAt = open.map(({ at }) => at);
  return { isInText, open: open.reverse().map(({ closer }) => closer), openAt, closed, begins };
}

/** What must stand behind a place so that no bracket before it stays open; what the text behind it closes counts. */
export function missingClosers(before: Lexed, after: Lexed): string {
  const there = [...after.closed];
  const missing = [...before.open];
  // The outermost brackets are the ones that the text behind closes.
  while (there.length > 0 && missing.length > 0) {
    const last = there.pop();
    if (missing.at(-1) === last) missing.pop();
    else break;
  }
  return missing.join('');
}
