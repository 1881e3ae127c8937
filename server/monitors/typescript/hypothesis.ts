import ts from 'typescript';
import type { AnalysedFile, Projects } from './project';

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

/**
 * Analyses a file with what is written so far. Where something is written anew that opened a block, as in `for (const x of xs) {`, a bracket
 * of the lines below closes what it does not belong to, such as the class: the block is opened then.
 */
export function analyseHypothesis(
  projects: Projects,
  fileName: string,
  before: string,
  after: string,
): AnalysedFile | undefined {
  const text = hypothetical(before, after);
  const file = projects.analyse(fileName, text);
  if (file === undefined || !closesTooMuch(file)) return file;
  const lineEnd = text.length - after.length + after.search(/\r?\n|$/);
  const opened = projects.analyse(fileName, `${text.slice(0, lineEnd)} {${text.slice(lineEnd)}`);
  return opened !== undefined && !closesTooMuch(opened) ? opened : projects.analyse(fileName, text);
}

/** "Declaration or statement expected." */
const statementExpected = 1128;

const closesTooMuch = ({ service, fileName, source }: AnalysedFile): boolean =>
  service
    .getSyntacticDiagnostics(fileName)
    .some(({ code, start }) => code === statementExpected && source.text[start] === '}');

const closes = (kind: ts.SyntaxKind, open: ts.SyntaxKind | undefined): boolean =>
  open !== undefined && pairs.get(open)?.close === kind;

function* tokensOf(text: string) {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text);
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan())
    yield { kind, isUnterminated: scanner.isUnterminated(), first: text[scanner.getTokenStart()] ?? '' };
}
