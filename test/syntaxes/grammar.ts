/** Reads the grammar as editors do, as far as it is used: patterns in order, captures with names and patterns of their own. */
import grammar from '../../syntaxes/slipstream-trace.tmLanguage.json';

interface Pattern {
  readonly include?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly name?: string;
  readonly captures?: Captures;
  readonly beginCaptures?: Captures;
  readonly patterns?: readonly Pattern[];
}
type Captures = Readonly<Record<string, { readonly name?: string; readonly patterns?: readonly Pattern[] }>>;

const repository: Readonly<Record<string, Pattern>> = grammar.repository;
const expressions = Object.fromEntries(
  Object.entries(repository).map(([name, { match, begin }]) => [name, new RegExp(match ?? begin ?? '(?!)')]),
);

/** The first rule that takes the whole line from its start. */
export function lineRule(line: string): string | undefined {
  return grammar.patterns
    .map(({ include }) => include.slice(1))
    .find((name) => {
      const found = expressions[name]?.exec(line);
      return found?.index === 0 && (repository[name]?.begin !== undefined || found[0] === line);
    });
}

/** The scopes of the parts of a line that a rule tells apart, in the order of its groups. */
export function lineScopes(line: string): readonly (readonly [text: string, scope: string])[] {
  const name = lineRule(line) ?? '';
  const rule = repository[name] ?? {};
  const captures = rule.captures ?? rule.beginCaptures ?? {};
  const groups = expressions[name]?.exec(line) ?? [];
  return [...groups].flatMap((text, group) => {
    const scope = group === 0 ? rule.name : captures[group]?.name;
    return text === undefined || scope === undefined ? [] : [[text, scope] as const];
  });
}
