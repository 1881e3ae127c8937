import ts from 'typescript';
import type { Projects } from '../../monitors/typescript/project';
import type { HeldPlace } from './places';

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

/** "Property does not exist on type", and with "did you mean". */
const noMember = new Set([2339, 2551]);

/** Judges completions of places by what stood there, and by the compiler. */
export function createJudge(projects: Projects): (place: HeldPlace, written: string) => Verdict {
  const known = new Map<string, Map<string, number>>();
  return (place, written) => {
    const { fileName, before, rest, after } = place;
    if (written === rest) {
      return { compiles: true, nextIdentifier: true, identifiers: 1, tokens: 1, isNoMember: false };
    }
    const old = known.get(fileName) ?? countsOf(errorsIn(projects, fileName, before + rest + after));
    known.set(fileName, old);
    const errors = errorsIn(projects, fileName, before + written + after);
    const [mine, wanted] = [scan(written), scan(rest)];
    const identifiersOf = (tokens: readonly Token[]) => tokens.filter(({ isIdentifier }) => isIdentifier);
    const first = wanted[0];
    return {
      compiles: [...countsOf(errors)].every(([error, count]) => count <= (old.get(error) ?? 0)),
      nextIdentifier: first !== undefined && mine[0]?.text === first.text,
      identifiers: samePrefix(identifiersOf(mine), identifiersOf(wanted)),
      tokens: samePrefix(mine, wanted),
      isNoMember: errors.some(({ code, start }) => noMember.has(code) && start === before.length),
    };
  };
}

function errorsIn(projects: Projects, fileName: string, text: string): readonly ts.Diagnostic[] {
  const file = projects.analyse(fileName, text);
  if (file === undefined) return [];
  return [
    ...file.service.getSyntacticDiagnostics(fileName),
    ...file.service.getSemanticDiagnostics(fileName),
  ];
}

function countsOf(errors: readonly ts.Diagnostic[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { code, messageText } of errors) {
    const key = `${code} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

interface Token {
  readonly text: string;
  readonly isIdentifier: boolean;
}

function scan(text: string): Token[] {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text);
  const tokens: Token[] = [];
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    tokens.push({ text: scanner.getTokenText(), isIdentifier: kind >= ts.SyntaxKind.Identifier });
  }
  return tokens;
}

function samePrefix(mine: readonly Token[], wanted: readonly Token[]): number {
  let same = 0;
  while (same < wanted.length && mine[same]?.text === wanted[same]?.text) same++;
  return wanted.length === 0 ? 1 : same / wanted.length;
}
