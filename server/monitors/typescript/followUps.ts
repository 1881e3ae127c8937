import ts from 'typescript';
import type { MonitorAnswer } from '../../../engine/index';
import { countsOf, signaturesAt } from './calls';
import type { AnalysedFile } from './project';
import { callAt, receiverAt } from './syntax';

/** A place of a text, and what stands behind the hypothetical part of it. */
export interface PlaceInText {
  readonly before: string;
  readonly after: string;
  readonly kinds: readonly string[];
}

/**
 * Most questions follow the one before: `shelf.`, then `shelf.take(`, then `shelf.take('`. What a name stands for behind a dot,
 * and which strings its parameters take, the program of the question before knows already: no new one need be made.
 */
export interface FollowUps {
  /** The answer of the program that was made last, if it has one for sure. */
  answer(fileName: string, place: PlaceInText): MonitorAnswer | undefined;
  /** The program that a place was answered with. */
  remember(file: AnalysedFile, place: PlaceInText): void;
  /** Something has changed besides the text that is asked about. */
  forget(): void;
}

/** Files on disk may change: behind this time all is looked up anew. */
const ageMs = 5000;

interface Known {
  readonly since: number;
  readonly fileName: string;
  readonly after: string;
  readonly checker: ts.TypeChecker;
  /** The text up to behind a dot, and what stands before the dot. */
  readonly member?: { readonly before: string; readonly receiver: ts.Node } | undefined;
  /** The text up to behind a bracket, and what it may call. */
  readonly call?: {
    readonly before: string;
    readonly node: ts.Node;
    readonly signatures: readonly ts.Signature[];
  };
}

const nameAndBracket = /^([\p{L}_$][\p{L}\p{N}_$]*)\($/u;
/** The beginning of a string that is an argument itself; those before it hold no bracket and no string. */
const stringArgument = /^((?:[^()[\]{}'"`<>\n]*,)?)\s*['"]$/;

export function createFollowUps(): FollowUps {
  let known: Known | undefined;

  const callBehind = ({ before }: PlaceInText, { member, checker }: Known): MonitorAnswer | undefined => {
    if (member === undefined || !before.startsWith(member.before)) return undefined;
    const name = nameAndBracket.exec(before.slice(member.before.length))?.[1];
    const type = checker.getTypeAtLocation(member.receiver);
    if (name === undefined || (type.flags & ts.TypeFlags.Object) === 0) return undefined;
    const property = checker.getPropertyOfType(type, name);
    if (property === undefined) return undefined;
    const called = checker.getTypeOfSymbolAtLocation(property, member.receiver);
    // What may be something else than a function may be known to be one by a condition.
    if ((called.flags & ts.TypeFlags.Object) === 0) return undefined;
    const signatures = checker.getSignaturesOfType(called, ts.SignatureKind.Call);
    const counts = countsOf(checker, signatures, member.receiver);
    if (counts === undefined || known === undefined) return undefined;
    known = { ...known, call: { before, node: member.receiver, signatures } };
    return { legal: [counts] };
  };

  const stringBehind = ({ before }: PlaceInText, { call, checker }: Known): MonitorAnswer | undefined => {
    if (call === undefined || !before.startsWith(call.before)) return undefined;
    const others = stringArgument.exec(before.slice(call.before.length))?.[1];
    if (others === undefined) return undefined;
    const index = others.split(',').length - 1;
    const isPlain = call.signatures.every(({ parameters }) => {
      const parameter = parameters[index] ?? parameters.filter(isRest).at(-1);
      if (parameter === undefined) return true;
      const type = checker.getTypeOfSymbolAtLocation(parameter, call.node);
      return namesNoString(isRest(parameter) ? checker.getIndexTypeOfType(type, ts.IndexKind.Number) : type);
    });
    return isPlain ? { reason: 'No type names the strings that are legal here.' } : undefined;
  };

  return {
    answer(fileName, place) {
      if (known === undefined || fileName !== known.fileName || place.after !== known.after) return undefined;
      if (place.kinds.length !== 1 || performance.now() - known.since > ageMs) return undefined;
      if (place.kinds[0] === 'call') return callBehind(place, known);
      return place.kinds[0] === 'literal' ? stringBehind(place, known) : undefined;
    },
    remember({ fileName, source, checker }, { before, after, kinds }) {
      const receiver = kinds.includes('member') ? receiverAt(source, before.length) : undefined;
      const node = kinds.includes('call') ? callAt(source, before.length) : undefined;
      known = {
        since: performance.now(),
        fileName,
        after,
        checker,
        ...(receiver && { member: { before, receiver } }),
        ...(node && { call: { before, node, signatures: signaturesAt(checker, node) } }),
      };
    },
    forget() {
      known = undefined;
    },
  };
}

const isRest = ({ valueDeclaration }: ts.Symbol): boolean =>
  valueDeclaration === undefined ||
  !ts.isParameter(valueDeclaration) ||
  valueDeclaration.dotDotDotToken !== undefined;

const plainTypes =
  ts.TypeFlags.Any |
  ts.TypeFlags.Unknown |
  ts.TypeFlags.String |
  ts.TypeFlags.NumberLike |
  ts.TypeFlags.BooleanLike |
  ts.TypeFlags.BigIntLike |
  ts.TypeFlags.VoidLike |
  ts.TypeFlags.Null |
  ts.TypeFlags.Object |
  ts.TypeFlags.NonPrimitive;

/** Whether a type, whatever a call makes of it, is none that names strings. */
const namesNoString = (type: ts.Type | undefined): boolean =>
  type !== undefined &&
  (type.isUnion() ? type.types : [type]).every(({ flags }) => (flags & plainTypes) !== 0);
