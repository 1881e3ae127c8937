import type { CancellationToken } from 'vscode-jsonrpc/node';
import { lex } from './lexing';
import type { Session } from './session';

/**
 * What pyright lists is all that is legal only if it knows the receiver's type as a whole: it lists the members of `int` for
 * `int | Unknown`, and of a class without those of a base that it could not find. So the text is asked about the receiver
 * as well, in arguments of a call that is written behind the place: what type it has, and which of two overloads takes it.
 * A class with an unknown base passes for any class, so also for one that only these lines know.
 */
const overloads = [
  'from typing import overload as _slipstream_overload',
  'class _SlipstreamClass: ...',
  '@_slipstream_overload',
  'def _slipstream_probe(of: _SlipstreamClass | type[_SlipstreamClass]) -> bytes: ...',
  '@_slipstream_overload',
  'def _slipstream_probe(of: object) -> str: ...',
  'def _slipstream_probe(of): ...',
  '',
].join('\n');

const receiverName = '_slipstream_receiver';
const verdictName = '_slipstream_verdict';

/** Whether a name is one of those that are written before the text, which a module that imports itself has too. */
export const isProbe = (name: string): boolean => /^_slipstream/i.test(name);

/** A text that asks about the receiver of a dereference, and where. */
export interface ProbedText {
  readonly text: string;
  /** Offset of the place, behind the dot. */
  readonly place: number;
  readonly receiver: number;
  readonly verdict: number;
}

/** @returns undefined where it cannot be told where the receiver begins */
export function probed(before: string, after: string): ProbedText | undefined {
  const start = receiverStart(before);
  if (start === undefined) return undefined;
  const receiver = before.slice(start, before.lastIndexOf('.')).trimEnd();
  const head = `${overloads}${before}`;
  const asked = `${head}_slipstream((${receiverName} := ${receiver}, `;
  const text = `${asked}${verdictName} := _slipstream_probe(${receiverName})))${after}`;
  return {
    text,
    place: head.length,
    receiver: head.length + '_slipstream(('.length + 1,
    verdict: asked.length + 1,
  };
}

/** @returns why the list of a receiver's members may not be whole; undefined where it is */
export async function receiverDoubt(
  session: Session,
  uri: string,
  { text, receiver, verdict }: ProbedText,
  token: CancellationToken,
): Promise<string | undefined> {
  const document = { uri, languageId: 'python', text };
  const [type, answer] = await Promise.all([
    session.hover(document, receiver, token),
    session.hover(document, verdict, token),
  ]);
  if (type === '') return 'The type of the receiver cannot be asked for here.';
  const described = type.replace(/^\(variable\)\s*/, '').replace(new RegExp(`^${receiverName}: `), '');
  if (/^(type\[)?(Unknown|Any)\b/.test(described) || unionMembers(described).some(isUnknown))
    return 'The type of the receiver is not known, or in part only.';
  if (!answer.endsWith(': str')) return 'The class of the receiver has a base that is not known.';
  return undefined;
}

const isUnknown = (type: string): boolean => /^(?:(?:type\[)?(?:Unknown|Any)\]?|\.\.\.)$/.test(type);

/** The members of a union at its top; `list[int | str]` is one. */
export function unionMembers(type: string): string[] {
  const members = [''];
  let depth = 0;
  for (const part of type.split(/([()[\]{}]| \| )/)) {
    if (/^[([{]$/.test(part)) depth++;
    if (/^[)\]}]$/.test(part)) depth--;
    if (part === ' | ' && depth === 0) members.push('');
    else members[members.length - 1] += part;
  }
  return members.map((member) => member.trim());
}

const keywords = new Set(
  'and as assert async await del elif else except for from global if import in is lambda nonlocal not or raise return while with yield'.split(
    ' ',
  ),
);

/** Where the expression before a final dot begins: an atom with calls, subscripts and attributes behind it. */
export function receiverStart(before: string): number | undefined {
  const { begins } = lex(before, 'python');
  let at = before.length;
  for (;;) {
    // Behind a dot: an atom, or what is called, subscripted or dereferenced.
    if (before[at - 1] !== '.') return undefined;
    at = trimEnd(before, at - 1);
    let isTrailer = true;
    while (isTrailer) {
      const closed = begins.get(at);
      const word = /(?<![\p{L}\p{N}_])[\p{L}_][\p{L}\p{N}_]*$/u.exec(
        before.slice(Math.max(0, at - 200), at),
      )?.[0];
      if (closed !== undefined) {
        const isBracket = /[([{]/.test(before[closed] ?? '');
        at = closed;
        if (!isBracket)
          at -=
            /(?<![\p{L}\p{N}_])[rbfuRBFU]{0,2}$/u.exec(before.slice(Math.max(0, at - 3), at))?.[0].length ??
            0;
        // A call or subscript stands right behind what is called.
        isTrailer =
          isBracket && /[\p{L}\p{N}_)\]}"']/u.test(before[at - 1] ?? '') && !endsWithKeyword(before, at);
      } else if (word !== undefined && !keywords.has(word)) {
        at -= word.length;
        isTrailer = false;
      } else return undefined;
    }
    const dot = trimEnd(before, at);
    if (before[at - 1] === '.') continue;
    if (dot !== at && before[dot - 1] === '.' && before.slice(dot, at).includes('\n')) at = dot;
    else return at;
  }
}

const trimEnd = (text: string, end: number): number => {
  let at = end;
  while (/\s/.test(text[at - 1] ?? '')) at--;
  return at;
};

const endsWithKeyword = (text: string, end: number): boolean =>
  keywords.has(/[\p{L}\p{N}_]*$/u.exec(text.slice(Math.max(0, end - 20), end))?.[0] ?? '');

/** Module paths, and attributes that may be made where they are written (`self.name = …`). */
export function isFree(before: string): boolean {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  if (/^\s*(?:from|import)\s[\p{L}\p{N}_.,\s]*$/u.test(line)) return true;
  if (!/(?<![\p{L}\p{N}_.])(?:self|cls|mcs)\.$/u.test(line)) return false;
  if (/\b(?:as|for)\s+[\s*(]*\w+\.$/.test(line)) return true;
  const isTarget = /^(?:.*[:;])?[\s*([]*(?:[\p{L}\p{N}_.]+(?:\[[^\]]*\])?\s*,[\s*([]*)*\w+\.$/u.test(line);
  // On a further line of a call or a list there are values, unless the bracket begins the line.
  return isTarget && (/^\s*[([]/.test(line) || lex(before, 'python').open.length === 0);
}
