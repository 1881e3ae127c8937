import path from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import type { Declared } from '../analyst';
import { outlineOf } from './outline';
import type { AnalysedFile } from './project';
import { receiverAt, targetOf } from './syntax';

/** Characters on both sides of a place within which a name counts as used near it. */
const near = 1500;

/**
 * What code near a place builds on and other files of the project declare: the outline of the type before a dot, and those
 * of the imported declarations that are used there, the nearest first, as far as there is room (after LANCE: signatures of
 * what is imported make the right names likely). They are in the order of the imports, whatever was chosen first: what two
 * places have in common is at the same place of their prompts.
 * @param position behind a dot, or anywhere
 * @param room characters
 */
export function signaturesAt(file: AnalysedFile, position: number, room: number): Declared[] {
  const { source, checker } = file;
  const receiver = receiverAt(source, position);
  const imported = importsNear(file, position);
  const order = imported.map(({ symbol }) => symbol);
  const type = receiver && checker.getNonNullableType(checker.getTypeAtLocation(receiver));
  const own = type?.aliasSymbol ?? type?.symbol;
  const nearest = imported.sort((a, b) => a.distance - b.distance).map(({ symbol }) => symbol);
  const chosen = new Map<ts.Symbol, readonly Outlined[]>();
  let left = room;
  for (const symbol of new Set([...(own ? [own] : []), ...nearest])) {
    const outlines = outlinesOf(symbol, file);
    const length = outlines.reduce((sum, { text }) => sum + text.length, 0);
    if (length > left) continue;
    left -= length;
    chosen.set(symbol, outlines);
  }
  const found = new Map<string, string[]>();
  for (const symbol of new Set([...order, ...(own ? [own] : [])]))
    for (const { fileName, text } of chosen.get(symbol) ?? [])
      found.set(fileName, [...(found.get(fileName) ?? []), text]);
  return [...found].map(([fileName, texts]) => ({
    path: path.basename(fileName),
    text: texts.join('\n'),
    uri: pathToFileURL(fileName).href,
  }));
}

interface Outlined {
  readonly fileName: string;
  readonly text: string;
}

function outlinesOf({ declarations = [] }: ts.Symbol, file: AnalysedFile): Outlined[] {
  return declarations.flatMap((declaration) => {
    const from = declaration.getSourceFile();
    if (from === file.source || !isLocal(file, from)) return [];
    const text = outlineOf(declaration, file.checker);
    return text === undefined ? [] : [{ fileName: from.fileName, text }];
  });
}

/** What is imported and used near a place, in the order of the imports. */
function importsNear({ source, checker }: AnalysedFile, position: number) {
  const distances = distancesOf(source, position);
  return source.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement)) return [];
    const { name, namedBindings } = statement.importClause ?? {};
    const named =
      namedBindings !== undefined && ts.isNamedImports(namedBindings) ? namedBindings.elements : [];
    return [name, ...named.map((element) => element.name)].flatMap((identifier) => {
      const distance = identifier && distances.get(identifier.text);
      const symbol = identifier && checker.getSymbolAtLocation(identifier);
      if (symbol === undefined || distance === undefined) return [];
      return [{ distance, symbol: targetOf(checker, symbol) }];
    });
  });
}

/** How far away each name is used that is used near a place. */
function distancesOf(source: ts.SourceFile, position: number): Map<string, number> {
  const distances = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    if (node.getEnd() < position - near || node.getFullStart() > position + near) return;
    if (ts.isImportDeclaration(node)) return;
    if (ts.isIdentifier(node)) {
      const distance = Math.abs(node.getStart() - position);
      distances.set(node.text, Math.min(distance, distances.get(node.text) ?? distance));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return distances;
}

/** Neither of a package nor of the language. */
const isLocal = ({ service }: AnalysedFile, from: ts.SourceFile): boolean => {
  const program = service.getProgram();
  return (
    program !== undefined &&
    !program.isSourceFileFromExternalLibrary(from) &&
    !program.isSourceFileDefaultLibrary(from) &&
    !from.fileName.includes('/node_modules/')
  );
};
