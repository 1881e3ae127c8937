import ts from 'typescript';
import type { Answer } from './answers';
import type { AnalysedFile } from './project';
import { innermost, targetOf } from './syntax';

/** Names that a module exports, within the braces of an import or a re-export. */
export function importAnswer(file: AnalysedFile, position: number): Answer {
  const clause = innermost(file.source, position, isNamedList);
  const module = clause && moduleOf(clause);
  // What stands behind may be another import's: the compiler takes its module for this one.
  if (module === undefined || !endsHere.test(file.source.text.slice(position)))
    return 'It is not said yet which module this is from.';
  const symbol = file.checker.getSymbolAtLocation(module);
  if (symbol === undefined) return `The module ${module.getText()} is not found.`;
  const names = file.checker.getExportsOfModule(symbol).map(({ name }) => name);
  const whole = symbol.exports?.get(ts.InternalSymbolName.ExportEquals);
  if (whole !== undefined) {
    // Its members beside those of a namespace of its name.
    const type = file.checker.getTypeOfSymbol(targetOf(file.checker, whole));
    if (type.flags & ts.TypeFlags.Any)
      return `The module ${module.getText()} is of a type that is not known.`;
    names.push(...file.checker.getPropertiesOfType(type).map(({ name }) => name));
  }
  if (names.length === 0) return `The module ${module.getText()} exports no names that are known.`;
  return { kind: 'import', words: [...new Set(names), 'default ', 'type '], orOther: true };
}

const endsHere = /^(?:(?!\bimport\b)[^;{}'"])*\}\s*from\s*["']/;

const isNamedList = (node: ts.Node): node is ts.NamedImports | ts.NamedExports =>
  ts.isNamedImports(node) || ts.isNamedExports(node);

function moduleOf(list: ts.NamedImports | ts.NamedExports): ts.Expression | undefined {
  const declaration = ts.isNamedImports(list) ? list.parent.parent : list.parent;
  return ts.isImportDeclaration(declaration) || ts.isExportDeclaration(declaration)
    ? declaration.moduleSpecifier
    : undefined;
}

/** What can be made behind `new`: classes in scope, and names that classes may be reached through. */
export function classAnswer({ source, checker }: AnalysedFile, position: number): Answer {
  const made = innermost(source, position, ts.isNewExpression);
  // In a text within `new Set('…')` the word `new` makes nothing.
  const between = made && source.text.slice(made.getStart(source), position).trim();
  if (made === undefined || between !== 'new') return 'Nothing is made here.';
  const inScope = checker.getSymbolsInScope(made, ts.SymbolFlags.Value | ts.SymbolFlags.Alias);
  const words = inScope.flatMap((symbol): string[] => {
    const target = targetOf(checker, symbol);
    if (!(target.flags & ts.SymbolFlags.Value)) return [];
    if (target.flags & ts.SymbolFlags.Class) return [symbol.name];
    const isNamespace = target.flags & (ts.SymbolFlags.Module | ts.SymbolFlags.Enum);
    if (isNamespace && !(target.flags & ts.SymbolFlags.Variable)) return [`${symbol.name}.`];
    // A function can be made in JavaScript only, and there without an error.
    if (target.flags & ts.SymbolFlags.Function) return isFromJavaScript(target) ? [symbol.name] : [];
    const type = checker.getTypeOfSymbol(target);
    if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.TypeParameter)) return [symbol.name];
    // The classes that JavaScript had before it had a word for them.
    if (isJavaScript(source) && type.getCallSignatures().length > 0) return [symbol.name];
    return type.getConstructSignatures().length > 0 ? [symbol.name] : [`${symbol.name}.`, `${symbol.name}[`];
  });
  const others = ['this.', 'super.', 'class ', 'class{', 'import.'];
  const ofCommonJs = isJavaScript(source) ? ['exports.', 'module.', 'require('] : [];
  return { kind: 'class', words: [...words, ...others, ...ofCommonJs], orOther: true };
}

const isJavaScript = ({ flags }: ts.Node) => (flags & ts.NodeFlags.JavaScriptFile) !== 0;

const isFromJavaScript = ({ declarations = [] }: ts.Symbol) => declarations.some(isJavaScript);
