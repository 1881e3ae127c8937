import type { HeldPlace } from './places';
import type { Token } from './scan';

/** How a completion of a place fares, by the metrics of MGD (arXiv 2306.10763, eval_results.py). */
export interface Verdict {
  /** The file has no error that it did not have before. */
  readonly compiles: boolean;
  /** The first identifier is the one that was there. */
  readonly nextIdentifier: boolean;
  /** Share of the identifiers, and of all tokens, that are the same from the start on. */
  readonly identifiers: number;
  readonly tokens: number;
  /** The name behind the dot is no member of what stands before it. */
  readonly isNoMember: boolean;
}

/** What a compiler finds wrong with a file. */
export interface Finding {
  /** Which error it is, wherever it stands. */
  readonly error: string;
  /** UTF-16 offset of its first character. */
  readonly start: number;
  /** It says that a receiver has no such member. */
  readonly isNoMember: boolean;
}

/** What judging takes of a language. */
export interface Compiler {
  readonly findings: (fileName: string, text: string) => readonly Finding[] | Promise<readonly Finding[]>;
  readonly scan: (text: string) => readonly Token[];
}

/** Judges completions of places by what stood there, and by a compiler. */
export function createJudge({
  findings,
  scan,
}: Compiler): (place: HeldPlace, written: string) => Promise<Verdict> {
  const known = new Map<string, Map<string, number>>();
  return async (place, written) => {
    const { fileName, before, rest, after } = place;
    if (written === rest) {
      return { compiles: true, nextIdentifier: true, identifiers: 1, tokens: 1, isNoMember: false };
    }
    const old = known.get(fileName) ?? countsOf(await findings(fileName, before + rest + after));
    known.set(fileName, old);
    const found = await findings(fileName, before + written + after);
    const [mine, wanted] = [scan(written), scan(rest)];
    const identifiersOf = (tokens: readonly Token[]) => tokens.filter(({ isIdentifier }) => isIdentifier);
    const first = wanted[0];
    return {
      compiles: [...countsOf(found)].every(([error, count]) => count <= (old.get(error) ?? 0)),
      nextIdentifier: first !== undefined && mine[0]?.text === first.text,
      identifiers: samePrefix(identifiersOf(mine), identifiersOf(wanted)),
      tokens: samePrefix(mine, wanted),
      isNoMember: found.some(({ isNoMember, start }) => isNoMember && start === before.length),
    };
  };
}

function countsOf(findings: readonly Finding[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { error } of findings) counts.set(error, (counts.get(error) ?? 0) + 1);
  return counts;
}

function samePrefix(mine: readonly Token[], wanted: readonly Token[]): number {
  let same = 0;
  while (same < wanted.length && mine[same]?.text === wanted[same]?.text) same++;
  return wanted.length === 0 ? 1 : same / wanted.length;
}
