import ts from 'typescript';
import type { Answer } from './answers';
import { completionNames, hasStringIndex } from './members';
import type { AnalysedFile } from './project';
import { innermost } from './syntax';

/** Strings that a type names: of a union in a comparison, a case, an argument or an assignment. */
export function literalAnswer(
  { service, source, fileName, checker }: AnalysedFile,
  position: number,
): Answer {
  const info = service.getCompletionsAtPosition(fileName, position, {});
  const names = info?.entries.filter(({ kind }) => kind === ts.ScriptElementKind.string) ?? [];
  if (info === undefined || names.length === 0) return 'No type names the strings that are legal here.';
  if (info.isNewIdentifierLocation) return 'Other strings are legal here, too.';
  if (names.length === 1) return 'The only string known here may be what a condition has left of others.';
  const literal = innermost(source, position, ts.isStringLiteralLike);
  const why = literal && (whyOtherStrings(checker, literal) ?? whyGeneric(checker, literal));
  if (why !== undefined) return why;
  const quote = source.text[position - 1] ?? '';
  return { kind: 'literal', words: names.map(({ name }) => name + quote), orOther: false };
}

const stringTypes = ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral | ts.TypeFlags.StringMapping;

/** Why more strings are legal than a type names: some are named for the editor's sake only, as in `'a' | (string & {})`. */
function whyOtherStrings(checker: ts.TypeChecker, literal: ts.StringLiteralLike): string | undefined {
  const takes = (type: ts.Type): boolean =>
    type.isUnionOrIntersection() ? type.types.some(takes) : (type.flags & stringTypes) !== 0;
  const type = typeToMatch(checker, literal);
  return type !== undefined && takes(type) ? 'Other strings are legal here, too.' : undefined;
}

/** The type of what a string is compared with, else what is expected of it. */
function typeToMatch(checker: ts.TypeChecker, literal: ts.StringLiteralLike): ts.Type | undefined {
  const { parent } = literal;
  if (ts.isCaseClause(parent)) return checker.getTypeAtLocation(parent.parent.parent.expression);
  if (ts.isBinaryExpression(parent) && comparisons.has(parent.operatorToken.kind))
    return checker.getTypeAtLocation(parent.left === literal ? parent.right : parent.left);
  return checker.getContextualType(literal);
}

const comparisons: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);

/** Names that an object of a known type may have. */
export function propertyAnswer(file: AnalysedFile, position: number): Answer {
  const { source, checker } = file;
  const object = innermost(source, position, isInBraces);
  if (object === undefined || !ts.isObjectLiteralExpression(object) || object.getStart() >= position)
    return 'This is no object of a known type.';
  const type = checker.getContextualType(object);
  if (type === undefined) return 'No type is expected of this object.';
  const why = whyOpen(checker, type) ?? whyGeneric(checker, object);
  if (why !== undefined) return why;
  const found = completionNames(file, position);
  if (found === undefined || !found.isMember || found.names.length === 0)
    return 'The expected type names no more properties.';
  const names = [...found.names, ...checker.getPropertiesOfType(type).map(({ name }) => name)];
  return { kind: 'property', words: [...new Set(names), 'async ', 'get ', 'set '], orOther: true };
}

/** What a brace may open: the innermost one counts, and only one of these is an object. */
const isInBraces = (node: ts.Node): node is ts.Node =>
  ts.isObjectLiteralExpression(node) ||
  ts.isObjectBindingPattern(node) ||
  ts.isFunctionLike(node) ||
  ts.isBlock(node) ||
  ts.isTypeLiteralNode(node);

const openTypes =
  ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Instantiable | ts.TypeFlags.NonPrimitive;

/** Why an object of this type may have any properties. */
function whyOpen(checker: ts.TypeChecker, type: ts.Type): string | undefined {
  const parts = type.isUnionOrIntersection() ? type.types : [type];
  if (parts.some(({ flags }) => (flags & openTypes) !== 0)) return 'The expected type takes any properties.';
  if (hasStringIndex(checker, type)) return 'The expected type has an index signature.';
  return checker.getPropertiesOfType(type).length === 0
    ? 'The expected type names no properties.'
    : undefined;
}

/** A value that a type parameter stands for may be more than the parameter's constraint says. */
function whyGeneric(checker: ts.TypeChecker, value: ts.Node): string | undefined {
  let isReturned = false;
  for (let node = value; node.parent !== undefined; node = node.parent) {
    const { parent } = node;
    // What a function returns may be what a call around it is made for.
    if (ts.isFunctionLike(parent)) {
      if (parent.type !== undefined) return undefined;
      isReturned = false;
    }
    if (ts.isReturnStatement(parent)) isReturned = true;
    if (ts.isStatement(parent) && !isReturned && !isBody(parent)) return undefined;
    if (!ts.isCallExpression(parent) && !ts.isNewExpression(parent)) continue;
    const callee = checker.getTypeAtLocation(parent.expression);
    const signatures = [...callee.getCallSignatures(), ...callee.getConstructSignatures()];
    if (signatures.some(({ typeParameters }) => typeParameters !== undefined))
      return 'The call decides itself what type this has.';
    // Which of them is called may depend on what comes.
    if (signatures.length > 1) return 'The call has several signatures.';
  }
  return undefined;
}

/** The block of a function stands between its statements and what is made of it. */
const isBody = (node: ts.Statement): boolean => ts.isBlock(node) && ts.isFunctionLike(node.parent);

/** Attributes of a JSX element. */
export function attributeAnswer(file: AnalysedFile, position: number): Answer {
  const element = innermost(file.source, position, isElement);
  if (element === undefined || element.tagName.getEnd() >= position) return 'This is no JSX element.';
  const type = file.checker.getContextualType(element.attributes);
  if (type === undefined) return 'The attributes of this element are not known.';
  const why = whyOpen(file.checker, type);
  if (why !== undefined) return why;
  const found = completionNames(file, position);
  if (found === undefined || found.names.length === 0)
    return 'This element has no attributes that are known.';
  // Names with a hyphen are not checked.
  return { kind: 'attribute', words: [...found.names, 'data-', 'aria-'], orOther: true };
}

const isElement = (node: ts.Node): node is ts.JsxOpeningElement | ts.JsxSelfClosingElement =>
  ts.isJsxOpeningElement(node) || ts.isJsxSelfClosingElement(node);
