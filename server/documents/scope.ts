import { type Region, syntaxOf } from './scopeSyntax';

/** What kind of text a place is in. Before the first and behind the last mark of a string or comment it is code. */
export type Scope = 'code' | 'comment' | 'string';

/**
 * Reads comments and strings from the start of the text to a place. A language that is not known has neither. A string that may
 * not span lines ends with its line, so that an apostrophe in a text is forgiven one line later.
 */
export function scopeAt(text: string, offset: number, languageId: string): Scope {
  const syntax = syntaxOf(languageId);
  if (syntax === undefined) return 'code';
  const end = Math.min(offset, text.length);
  const opener = new RegExp(syntax.openers, 'gm');
  /** How deep in braces each template string stands that the place is in the code of. */
  const templates: number[] = [];
  let depth = 0;
  for (let at = 0; at < end; ) {
    opener.lastIndex = at;
    const found = opener.exec(text);
    if (found === null) return 'code';
    const [mark] = found;
    at = found.index + mark.length;
    // Between its characters a mark is not there yet.
    if (at > end) return 'code';
    const isBack = mark === '}' && templates.at(-1) === depth;
    if (isBack || (mark === '`' && syntax.templates)) {
      if (isBack) templates.pop();
      const part = templatePart(text, at);
      if (part === undefined || part.end > end) return 'string';
      if (part.hasCode) templates.push(depth);
      at = part.end;
    } else if (mark === '{') depth++;
    else if (mark === '}') depth = Math.max(0, depth - 1);
    else if (mark === '/') at = isRegexAt(text, found.index) ? endOfRegex(text, at) : at;
    else {
      const region = syntax.regions.find(({ open }) => open === mark);
      const close = region && closeOf(text, at, region);
      if (region !== undefined && (close === undefined || close.holds > end)) return region.kind;
      at = close?.end ?? at;
    }
  }
  return 'code';
}

/** Where a region ends, and up to where a place counts as inside; undefined where it does not end. */
function closeOf(text: string, from: number, { close }: Region): { end: number; holds: number } | undefined {
  const closer = new RegExp(close, 'gm');
  closer.lastIndex = from;
  const found = closer.exec(text);
  if (found === null) return undefined;
  const end = found.index + found[0].length;
  // What ends with its line has nothing to stand behind: at the end of the line one is still inside.
  return { end, holds: found[0] === '' ? end + 1 : end };
}

/**
 * Reads on in a template string.
 * @returns the place behind its end, or behind the mark with which code begins in it; undefined where there is neither
 */
function templatePart(text: string, from: number): { end: number; hasCode: boolean } | undefined {
  const stop = /\\[\s\S]|`|\$\{/g;
  stop.lastIndex = from;
  for (let found = stop.exec(text); found !== null; found = stop.exec(text))
    if (!found[0].startsWith('\\')) return { end: stop.lastIndex, hasCode: found[0] !== '`' };
  return undefined;
}

/** A slash begins a regular expression where a value may stand, and else divides. */
function isRegexAt(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 64), at).trimEnd();
  return (
    before === '' ||
    /[(,=:[!&|?{};+\-*%<>~^]$|\b(?:return|typeof|case|in|of|do|else|void|delete)$/.test(before)
  );
}

function endOfRegex(text: string, from: number): number {
  const end = /(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])*\/?/y;
  end.lastIndex = from;
  end.exec(text);
  return Math.max(from, end.lastIndex);
}
