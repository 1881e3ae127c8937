/** A token as the metrics compare it. */
export interface Token {
  readonly text: string;
  readonly isIdentifier: boolean;
}

const string = `"(?:\\\\.|[^"\\\\\\n])*"?|'(?:\\\\.|[^'\\\\\\n])*'?`;
const operators = ['->\\*?', '::', '<<=?', '>>=?', '\\*\\*=?', '//=?', '&&', '\\|\\|', '\\+\\+', '--', ':=']
  .concat('\\.{3}', '[-+*/%&|^=!<>@]=')
  .join('|');

/** Reads the tokens of a line of Python or C++; keywords count as identifiers, and comments do not count. */
export function scanner(comment: string): (text: string) => Token[] {
  const token = new RegExp(
    `(?<comment>${comment}.*)|(?<name>[\\p{L}_][\\p{L}\\p{N}_]*)|\\d[\\w.']*|${string}|${operators}|\\S`,
    'gu',
  );
  return (text) =>
    [...text.matchAll(token)].flatMap(({ 0: found, groups = {} }) =>
      groups.comment === undefined ? [{ text: found, isIdentifier: groups.name !== undefined }] : [],
    );
}
