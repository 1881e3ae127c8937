const word = /[\p{ID_Continue}$]/u;
const identifier = /[\p{ID_Start}$_][\p{ID_Continue}$]*/u;
const identifierAtEnd = /[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Whether a caret between these texts splits a word. */
export function isWithinWord(before: string, after: string): boolean {
  return word.test(before.slice(-1)) && word.test(after.slice(0, 1));
}

/** The first identifier that ends behind the caret, with what of it stands before the caret. */
export function nextIdentifier(before: string, after: string): string | undefined {
  const begun = isWithinWord(before, after) ? (identifierAtEnd.exec(before)?.[0] ?? '') : '';
  return identifier.exec(begun + after)?.[0];
}

/** Whether a text has this identifier as a whole word. */
export function names(text: string, wanted: string): boolean {
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const isPart = word.test(text.charAt(at - 1)) || word.test(text.charAt(at + wanted.length));
    if (!isPart) return true;
  }
  return false;
}
