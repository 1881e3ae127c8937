import ts from 'typescript';

const pairs = new Map<ts.SyntaxKind, { readonly close: ts.SyntaxKind; readonly text: string }>([
  [ts.SyntaxKind.OpenParenToken, { close: ts.SyntaxKind.CloseParenToken, text: ')' }],
  [ts.SyntaxKind.OpenBracketToken, { close: ts.SyntaxKind.CloseBracketToken, text: ']' }],
  [ts.SyntaxKind.OpenBraceToken, { close: ts.SyntaxKind.CloseBraceToken, text: '}' }],
]);

/**
 * The text of a file with what is written so far. What the line opens, and neither it nor the rest of it closes, is closed: else the lines
 * below would be taken for more of it, and the place for one outside of its class or function.
 */
export function hypothetical(before: string, after: string): string {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const rest = after.slice(0, after.search(/\r?\n|$/));
  const open: ts.SyntaxKind[] = [];
  let quote = '';
  for (const { kind, isUnterminated, first } of tokensOf(line)) {
    // A template may go on below.
    if (kind === ts.SyntaxKind.TemplateHead || (isUnterminated && first === '`')) return before + after;
    if (pairs.has(kind)) open.push(kind);
    else if (closes(kind, open.at(-1))) open.pop();
    if (isUnterminated) quote = first;
  }
  // The beginning of a block is not closed: what follows is in it.
  if (/\{\s*$/.test(line) && open.at(-1) === ts.SyntaxKind.OpenBraceToken) return before + after;
  const missing: ts.SyntaxKind[] = [];
  for (const { kind } of tokensOf(quote + rest)) {
    const at = open.findLastIndex((one) => closes(kind, one));
    if (at >= 0) missing.push(...open.splice(at).slice(1).reverse());
  }
  missing.push(...open.reverse());
  const isClosed = quote === '' || rest.includes(quote);
  const closers = missing.map((kind) => pairs.get(kind)?.text ?? '').join('');
  return `${before}${isClosed ? '' : quote}${closers}${after}`;
}

const closes = (kind: ts.SyntaxKind, open: ts.SyntaxKind | undefined): boolean =>
  open !== undefined && pairs.get(open)?.close === kind;

function* tokensOf(text: string) {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text);
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan())
    yield { kind, isUnterminated: scanner.isUnterminated(), first: text[scanner.getTokenStart()] ?? '' };
}
