import ts from 'typescript';

/** Longer outlines say more than is read. */
const mostCharacters = 800;

/** How a declaration is used, without what it does: no bodies, no comments, nothing private. */
export function outlineOf(declaration: ts.Declaration, checker: ts.TypeChecker): string | undefined {
  const text = outline(declaration, checker);
  if (text === undefined || text.length <= mostCharacters) return text;
  const lines = text.slice(0, mostCharacters).split('\n');
  return lines.slice(0, -1).join('\n') || undefined;
}

function outline(node: ts.Node, checker: ts.TypeChecker): string | undefined {
  if (ts.isClassDeclaration(node)) {
    const brace = node.getText().indexOf('{');
    const members = node.members.filter(isPublic).flatMap((member) => outline(member, checker) ?? []);
    return [node.getText().slice(0, brace + 1), ...members.map((member) => `  ${member}`), '}'].join('\n');
  }
  if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isEnumDeclaration(node))
    return withoutComments(node.getText());
  if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
    const { body } = node;
    return `${node.getSourceFile().text.slice(node.getStart(), body.getStart()).trimEnd()};`;
  }
  if (ts.isMethodSignature(node) || ts.isPropertySignature(node)) return node.getText();
  if (ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)) {
    const type = checker.typeToString(checker.getTypeAtLocation(node), node);
    return `${ts.isVariableDeclaration(node) ? 'const ' : ''}${node.name.getText()}: ${type};`;
  }
  return undefined;
}

const isPublic = (member: ts.ClassElement): boolean =>
  (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) === 0 &&
  (member.name === undefined || !ts.isPrivateIdentifier(member.name));

function withoutComments(text: string): string {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, text);
  let result = '';
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    const isComment =
      kind === ts.SyntaxKind.SingleLineCommentTrivia || kind === ts.SyntaxKind.MultiLineCommentTrivia;
    if (!isComment) result += scanner.getTokenText();
  }
  return result.replace(/[ \t]+$/gm, '').replace(/\n{2,}/g, '\n');
}
