import ts from 'typescript';
import type { LegalArguments } from '../../../engine/index';
import type { Answer } from './answers';
import type { AnalysedFile } from './project';
import { callAt } from './syntax';

/** How many arguments the call takes whose bracket has just been opened. */
export function callAnswer({ source, checker }: AnalysedFile, position: number): Answer {
  const call = callAt(source, position);
  if (call === undefined) return 'This bracket opens no call.';
  if (call.expression.kind === ts.SyntaxKind.SuperKeyword) return 'Calls of super are not looked at.';
  return countsOf(checker, signaturesAt(checker, call), call) ?? 'The type of what is called is not known.';
}

export function signaturesAt(
  checker: ts.TypeChecker,
  call: ts.CallExpression | ts.NewExpression,
): readonly ts.Signature[] {
  const callee = checker.getNonNullableType(checker.getTypeAtLocation(call.expression));
  const kind = ts.isNewExpression(call) ? ts.SignatureKind.Construct : ts.SignatureKind.Call;
  return checker.getSignaturesOfType(callee, kind);
}

/** How many arguments some signatures take between them; undefined where there is none. */
export function countsOf(
  checker: ts.TypeChecker,
  signatures: readonly ts.Signature[],
  place: ts.Node,
): LegalArguments | undefined {
  if (signatures.length === 0) return undefined;
  const counts = signatures.map((signature) => argumentsOf(checker, signature, place));
  const most = Math.max(...counts.map((count) => count.most));
  return {
    kind: 'call',
    least: Math.min(...counts.map((count) => count.least)),
    ...(Number.isFinite(most) && { most }),
  };
}

function argumentsOf(
  checker: ts.TypeChecker,
  { parameters, declaration: whole }: ts.Signature,
  call: ts.Node,
) {
  // A JavaScript function may be overridden by one that takes more, and gets what it does not name.
  if (whole !== undefined && isOfJavaScript(whole)) return { least: 0, most: Number.POSITIVE_INFINITY };
  let least = 0;
  let most = parameters.length;
  for (const [i, parameter] of parameters.entries()) {
    const declaration = parameter.valueDeclaration;
    const isParameter = declaration !== undefined && ts.isParameter(declaration);
    if (!isParameter || declaration.dotDotDotToken !== undefined) most = Number.POSITIVE_INFINITY;
    else if (isNeeded(checker.getTypeOfSymbolAtLocation(parameter, call), declaration)) least = i + 1;
  }
  return { least, most };
}

/** One that may be void, or whose type the call itself decides, may be left out. */
function isNeeded(type: ts.Type, declaration: ts.ParameterDeclaration): boolean {
  const { questionToken, initializer } = declaration;
  if (questionToken !== undefined || initializer !== undefined) return false;
  const omissible = ts.TypeFlags.Void | ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.TypeParameter;
  const parts = type.isUnion() ? type.types : [type];
  return !parts.some(({ flags }) => (flags & omissible) !== 0);
}

const isOfJavaScript = ({ flags }: ts.Node): boolean => (flags & ts.NodeFlags.JavaScriptFile) !== 0;
