import ts from 'typescript';

/** The innermost node of a kind that a place is in, or behind but for blanks: one that is unfinished ends before them. */
export function innermost<Found extends ts.Node>(
  source: ts.SourceFile,
  position: number,
  is: (node: ts.Node) => node is Found,
): Found | undefined {
  const end = source.text.slice(0, position).trimEnd().length;
  let found: Found | undefined;
  const visit = (node: ts.Node): void => {
    if (position < node.getFullStart() || end > node.getEnd()) return;
    if (is(node)) found = node;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** What a dot at the end of the text before a place stands behind. */
export function receiverAt(source: ts.SourceFile, position: number): ts.Node | undefined {
  let found: ts.Node | undefined;
  const visit = (node: ts.Node): void => {
    if (position < node.getFullStart() || position > node.getEnd()) return;
    const left = ts.isPropertyAccessExpression(node)
      ? node.expression
      : ts.isQualifiedName(node)
        ? node.left
        : undefined;
    if (left !== undefined && left.getEnd() < position && dotEnd(source, left) === position) found = left;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Where the dot behind a node ends, whatever blanks there are. */
function dotEnd(source: ts.SourceFile, left: ts.Node): number {
  const dot = /^\s*(?:\?\.|\.)/.exec(source.text.slice(left.getEnd()));
  return dot === null ? -1 : left.getEnd() + dot[0].length;
}

/** The call whose opening bracket ends at a place. */
export function callAt(
  source: ts.SourceFile,
  position: number,
): ts.CallExpression | ts.NewExpression | undefined {
  let found: ts.CallExpression | ts.NewExpression | undefined;
  const visit = (node: ts.Node): void => {
    if (position < node.getFullStart() || position > node.getEnd()) return;
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && node.arguments?.pos === position)
      found = node;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/**
 * What a name in scope stands for: behind an import what is imported. Of what a file exports the symbol in scope does not say
 * what it is, a second one does.
 */
export const targetOf = (checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias
    ? checker.getAliasedSymbol(symbol)
    : checker.getExportSymbolOfSymbol(symbol);
