import type { StopReason } from '../../../engine/index';
import { newTokens } from '../../completion/newTokens';
import type { CompletionResult } from '../../completion/result';
import { levenshtein } from '../../levenshtein';
import { isWithinWord, names, nextIdentifier } from './identifiers';
import type { LineSample } from './samples';

export interface LineScore {
  readonly language: string;
  readonly exact: boolean;
  readonly similarity: number;
  /** Whether the next identifier is right; undefined where none follows, or the prompt does not name it. */
  readonly identifier: boolean | undefined;
  readonly isWithinWord: boolean;
  readonly stopReason: StopReason | undefined;
  readonly loopsLeft: number;
  readonly logprobs: readonly number[];
  readonly totalMs: number;
}

interface Quality {
  readonly n: number;
  /** In 0..1. */
  readonly exactMatch: number;
  /** In 0..1. */
  readonly editSimilarity: number;
}

/** What `eval lines --json` prints. */
export interface Report extends Quality {
  /** Of the `n` lines whose next identifier the prompt names, the share in which it is right. */
  readonly nextIdentifier: { readonly n: number; readonly share: number };
  /** Share that the model ended: by an end token, the line's end, or what stands behind the caret. */
  readonly ended: number;
  /** Completions that were cut because they repeated themselves. */
  readonly loops: number;
  /** Completions that fell into a loop and left it. */
  readonly loopsLeft: number;
  /** Nats per generated token. */
  readonly meanLogprob: number;
  readonly msPerCompletion: number;
  readonly byCaret: { readonly withinWord: Quality; readonly betweenWords: Quality };
  readonly byLanguage: Readonly<Record<string, Quality>>;
}

const endings: ReadonlySet<StopReason | undefined> = new Set(['end-token', 'line-end', 'suffix-reached']);

const isLoop = ({ stopReason }: LineScore) => stopReason === 'repetition';

export function score(sample: LineSample, result: CompletionResult): LineScore {
  const wanted = sample.rest.trimEnd();
  const text = (result.kind === 'shown' ? result.text : '').trimEnd();
  const longer = Math.max(wanted.length, text.length);
  const tokens = result.completion === undefined ? [] : newTokens(result.completion);
  return {
    language: sample.language,
    exact: text === wanted,
    similarity: longer === 0 ? 1 : 1 - levenshtein(text, wanted) / longer,
    identifier: hasRightIdentifier(sample, text, result),
    isWithinWord: isWithinWord(sample.before, wanted),
    stopReason: result.completion?.stopReason,
    loopsLeft: result.completion?.loopsLeft ?? 0,
    logprobs: tokens.map(({ logprob }) => logprob),
    totalMs: result.totalMs,
  };
}

function hasRightIdentifier(
  { before, rest, after }: LineSample,
  text: string,
  { completion }: CompletionResult,
): boolean | undefined {
  const wanted = nextIdentifier(before, rest);
  if (wanted === undefined || !names(promptOf(before, after, completion), wanted)) return undefined;
  return nextIdentifier(before, text) === wanted;
}

/** What of the document the model was shown, with a line break at the caret; all of it where nobody wrote that down. */
function promptOf(before: string, after: string, completion: CompletionResult['completion']): string {
  const segments = completion?.segments;
  if (segments === undefined) return `${before}\n${after}`;
  const omitted = (wanted: 'prefix' | 'suffix') =>
    segments.find(({ kind }) => kind === wanted)?.omitted ?? Number.POSITIVE_INFINITY;
  return `${before.slice(omitted('prefix'))}\n${after.slice(0, Math.max(0, after.length - omitted('suffix')))}`;
}

export function summarise(scores: readonly LineScore[]): Report {
  const languages = [...new Set(scores.map(({ language }) => language))].sort();
  const of = (holds: (line: LineScore) => boolean) => quality(scores.filter(holds));
  const known = scores.filter(({ identifier }) => identifier !== undefined);
  return {
    ...quality(scores),
    nextIdentifier: { n: known.length, share: mean(known.map(({ identifier }) => Number(identifier))) },
    ended: mean(scores.map(({ stopReason }) => Number(endings.has(stopReason)))),
    loops: scores.filter(isLoop).length,
    loopsLeft: scores.filter((one) => one.loopsLeft > 0 && !isLoop(one)).length,
    meanLogprob: mean(scores.flatMap(({ logprobs }) => logprobs)),
    msPerCompletion: mean(scores.map(({ totalMs }) => totalMs)),
    byCaret: { withinWord: of((line) => line.isWithinWord), betweenWords: of((line) => !line.isWithinWord) },
    byLanguage: Object.fromEntries(
      languages.map((language) => [language, of((line) => line.language === language)]),
    ),
  };
}

function quality(scores: readonly LineScore[]): Quality {
  return {
    n: scores.length,
    exactMatch: mean(scores.map(({ exact }) => Number(exact))),
    editSimilarity: mean(scores.map(({ similarity }) => similarity)),
  };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
