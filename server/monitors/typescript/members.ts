import ts from 'typescript';
import type { Answer } from './answers';
import type { AnalysedFile } from './project';
import { receiverAt } from './syntax';

const completionOptions: ts.GetCompletionsAtPositionOptions = {
  includeCompletionsForModuleExports: false,
  includeCompletionsWithInsertText: false,
  includeAutomaticOptionalChainCompletions: false,
};

/** The names that TypeScript would complete with at a place. */
export function completionNames(
  { service, fileName }: AnalysedFile,
  position: number,
): { readonly names: readonly string[]; readonly isOpen: boolean; readonly isMember: boolean } | undefined {
  const info = service.getCompletionsAtPosition(fileName, position, completionOptions);
  if (info === undefined) return undefined;
  return {
    names: info.entries.flatMap(({ name, kind }) => (kind === ts.ScriptElementKind.keyword ? [] : [name])),
    isOpen: info.isNewIdentifierLocation,
    isMember: info.isMemberCompletion,
  };
}

/**
 * Members behind a dot, those that an editor would show. What `Object.prototype` gives every value is legal, too, and left out as
 * there: a model that is not sure would take `constructor` or `valueOf` for an answer where nobody means it.
 */
export function memberAnswer(file: AnalysedFile, position: number): Answer {
  const receiver = receiverAt(file.source, position);
  if (receiver === undefined) return 'There is no expression before the dot.';
  const why = whyOpen(file, receiver);
  if (why !== undefined) return why;
  const names = completionNames(file, position)?.names ?? [];
  if (names.length === 0) return 'The type before the dot has no members that are known.';
  // Behind `?.` a call or an index may come as well.
  const others = file.source.text.slice(0, position).endsWith('?.') ? ['(', '['] : [];
  return { kind: 'member', words: [...names, ...others], orOther: false };
}

/** Why any name is legal behind an expression. */
function whyOpen({ checker, source }: AnalysedFile, receiver: ts.Node): string | undefined {
  const whole = checker.getTypeAtLocation(receiver);
  const type = checker.getNonNullableType(whole);
  if (whole.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Never)) {
    return `The type before the dot is ${checker.typeToString(whole)}.`;
  }
  if (hasStringIndex(checker, type)) return 'The type before the dot has an index signature.';
  const isOwn = type.symbol?.declarations?.some((declaration) => declaration.getSourceFile() === source);
  if (isOwn && type.getCallSignatures().length > 0) return 'A function of this file may get new members.';
  if (isJavaScript(source) && isOpenInJavaScript(receiver, type))
    return 'In JavaScript it may get new members.';
  return undefined;
}

export function hasStringIndex(checker: ts.TypeChecker, type: ts.Type): boolean {
  const parts = type.isUnionOrIntersection() ? type.types : [type];
  return parts.some((part) =>
    checker.getIndexInfosOfType(part).some(({ keyType }) => !(keyType.flags & ts.TypeFlags.Number)),
  );
}

const isJavaScript = ({ flags }: ts.SourceFile) => (flags & ts.NodeFlags.JavaScriptFile) !== 0;

/** What is no class or interface of somebody else is made of assignments as they come. */
const isOpenInJavaScript = (receiver: ts.Node, type: ts.Type): boolean =>
  receiver.kind === ts.SyntaxKind.ThisKeyword ||
  (type.flags & ts.TypeFlags.Object) === 0 ||
  (type.symbol?.declarations ?? []).every((declaration) => isJavaScript(declaration.getSourceFile()));
