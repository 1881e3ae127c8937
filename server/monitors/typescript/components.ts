import ts from 'typescript';
import type { Answer } from './answers';
import type { AnalysedFile } from './project';
import { innermost, targetOf } from './syntax';

/** Names of JSX elements: those that are built in, and components that are in scope. */
export function componentAnswer(file: AnalysedFile, position: number): Answer {
  const { source, checker } = file;
  const element = elementNamedAt(source, position);
  if (element === undefined) return 'This begins no JSX element.';
  const isJavaScript = (source.flags & ts.NodeFlags.JavaScriptFile) !== 0;
  if (!isJavaScript && mayBeGeneric(element) && mayBeFunction(expectedAt(file, position)))
    return 'This may also begin the type parameters of a function.';
  const place = innermost(source, position, isAny) ?? source;
  const builtIn = checker.getJsxIntrinsicTagNamesAt(place).map(({ name }) => name);
  if (builtIn.length === 0 || namesAnyElement(file))
    return 'The project does not say which elements are built in.';
  const words = [...builtIn, ...componentsInScope(file, place), 'this.'];
  return { kind: 'component', words: [...new Set(words)], orOther: true };
}

const isAny = (node: ts.Node): node is ts.Node => node !== undefined;

/** The name of the element that is open. */
export function closingAnswer({ source }: AnalysedFile, position: number): Answer {
  const closing = startingAt(source, position - '</'.length, isClosing);
  if (closing === undefined) return 'This closes no JSX element.';
  if (ts.isJsxClosingFragment(closing)) return { kind: 'closing', words: ['>', ' '], orOther: false };
  const name = closing.parent.openingElement.tagName.getText(source);
  if (name === '') return 'The element that is open has no name.';
  return { kind: 'closing', words: [name], orOther: false };
}

/** What the text would be with a name at a place: without one the parser takes most elements for comparisons. */
function elementNamedAt(source: ts.SourceFile, position: number): ts.Expression | undefined {
  const { text, fileName, languageVersion } = source;
  const named = `${text.slice(0, position)}x${text.slice(position)}`;
  const parsed = ts.createSourceFile(fileName, named, languageVersion, true, kindOf(fileName));
  const opening = startingAt(parsed, position - 1, isOpening);
  return opening === undefined || ts.isJsxSelfClosingElement(opening) ? opening : opening.parent;
}

const kindOf = (fileName: string) => (/\.[cm]?ts$/.test(fileName) ? ts.ScriptKind.TS : ts.ScriptKind.TSX);

const isOpening = (node: ts.Node): node is ts.JsxOpeningElement | ts.JsxSelfClosingElement =>
  ts.isJsxOpeningElement(node) || ts.isJsxSelfClosingElement(node);

const isClosing = (node: ts.Node): node is ts.JsxClosingElement | ts.JsxClosingFragment =>
  ts.isJsxClosingElement(node) || ts.isJsxClosingFragment(node);

/** The node of a kind whose text begins at a place. */
function startingAt<Found extends ts.Node>(
  source: ts.SourceFile,
  start: number,
  is: (node: ts.Node) => node is Found,
): Found | undefined {
  let found: Found | undefined;
  const visit = (node: ts.Node): void => {
    if (start < node.getFullStart() || start >= node.getEnd()) return;
    if (is(node) && node.getStart(source) === start) found = node;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Whether, for all that its place says, a function with type parameters (`<T,>(value: T) => value`) could be written here. */
function mayBeGeneric(element: ts.Expression): boolean {
  let place: ts.Node = element.parent;
  if (ts.isJsxElement(place) || ts.isJsxFragment(place)) return false;
  while (ts.isParenthesizedExpression(place) || ts.isConditionalExpression(place)) place = place.parent;
  if (isChild(place) || (ts.isBinaryExpression(place) && logical.has(place.operatorToken.kind))) return false;
  const maker = ts.isReturnStatement(place) ? enclosing(place, ts.isFunctionLike) : place;
  if (maker === undefined || !ts.isFunctionLike(maker)) return true;
  // What a component returns is shown, and what is made for the children of an element.
  return !/^\p{Lu}/u.test(nameOf(maker)) && enclosing(maker, isChild) === undefined;
}

/** Their operands are no functions, but for ones in brackets. */
const logical = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);

/** The type that is expected where the parser sees a comparison without a left side. */
function expectedAt({ source, checker }: AnalysedFile, position: number): ts.Type | undefined {
  const comparison = innermost(source, position, ts.isBinaryExpression);
  const isHere = comparison?.operatorToken.getEnd() === position && comparison.left.getWidth(source) === 0;
  return comparison && isHere ? checker.getContextualType(comparison) : undefined;
}

/** Braces between the tags of an element: what is in them is shown, and a function cannot be. */
const isChild = (node: ts.Node): node is ts.JsxExpression =>
  ts.isJsxExpression(node) && (ts.isJsxElement(node.parent) || ts.isJsxFragment(node.parent));

const open = ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Instantiable | ts.TypeFlags.NonPrimitive;

function mayBeFunction(type: ts.Type | undefined): boolean {
  if (type === undefined || (type.flags & open) !== 0) return true;
  if (type.isUnionOrIntersection()) return type.types.some(mayBeFunction);
  return type.getCallSignatures().length > 0 || isEmptyObject(type);
}

const isEmptyObject = (type: ts.Type): boolean =>
  (type.flags & ts.TypeFlags.Object) !== 0 && type.getProperties().length === 0;

function enclosing<Found extends ts.Node>(
  node: ts.Node,
  is: (node: ts.Node) => node is Found,
): Found | undefined {
  let around: ts.Node | undefined = node;
  while (around !== undefined && !is(around)) around = around.parent;
  return around;
}

/** A function's own name, or that of the variable that it is the value of. */
function nameOf(maker: ts.SignatureDeclaration): string {
  if (maker.name !== undefined) return maker.name.getText();
  return ts.isVariableDeclaration(maker.parent) ? maker.parent.name.getText() : '';
}

function componentsInScope({ service, checker }: AnalysedFile, element: ts.Node): string[] {
  const program = service.getProgram();
  const isOfLibrary = ({ declarations = [] }: ts.Symbol) =>
    declarations.some((one) => program?.isSourceFileDefaultLibrary(one.getSourceFile()));
  const inScope = checker.getSymbolsInScope(element, ts.SymbolFlags.Value | ts.SymbolFlags.Alias);
  return inScope.flatMap((symbol): string[] => {
    if (isOfLibrary(symbol)) return [];
    const target = targetOf(checker, symbol);
    // What cannot be resolved may be anything.
    const isKnown = (target.flags & (ts.SymbolFlags.Value | ts.SymbolFlags.Type)) !== 0;
    if (isKnown && !(target.flags & ts.SymbolFlags.Value)) return [];
    // The compiler takes a name with a small first letter for one that is built in.
    const isComponent = !/^\p{Ll}/u.test(symbol.name) && (!isKnown || mayBeComponent(checker, target));
    return [isComponent ? symbol.name : `${symbol.name}.`];
  });
}

const functions = ts.SymbolFlags.Class | ts.SymbolFlags.Function;

function mayBeComponent(checker: ts.TypeChecker, symbol: ts.Symbol): boolean {
  if (symbol.flags & functions) return true;
  const isComponentType = (type: ts.Type): boolean => {
    if (type.isUnionOrIntersection()) return type.types.some(isComponentType);
    // A string may name an element that is built in.
    if ((type.flags & (open | ts.TypeFlags.StringLike)) !== 0) return true;
    return type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0;
  };
  return isComponentType(checker.getTypeOfSymbol(symbol));
}

/** By file, since files stay from one program to the next. */
const filesThatNameAny = new WeakMap<ts.SourceFile, boolean>();

/** Whether elements of any name are built in, as some frameworks have it. */
function namesAnyElement({ service }: AnalysedFile): boolean {
  const files = service.getProgram()?.getSourceFiles() ?? [];
  return files.some((file) => {
    const known = filesThatNameAny.get(file) ?? hasIndexedElements(file);
    filesThatNameAny.set(file, known);
    return known;
  });
}

function hasIndexedElements(file: ts.SourceFile): boolean {
  if (!file.text.includes('IntrinsicElements')) return false;
  const isIndexed = (node: ts.Node): boolean => {
    if (ts.isInterfaceDeclaration(node) && node.name.text === 'IntrinsicElements')
      return node.members.some(ts.isIndexSignatureDeclaration);
    const isAround = ts.isSourceFile(node) || ts.isModuleDeclaration(node) || ts.isModuleBlock(node);
    return isAround && (ts.forEachChild(node, (child) => isIndexed(child) || undefined) ?? false);
  };
  return isIndexed(file);
}
