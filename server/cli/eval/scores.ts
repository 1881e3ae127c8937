import { newTokens } from '../../completion/newTokens';
import type { CompletionResult } from '../../completion/result';
import { levenshtein } from '../../levenshtein';
import type { LineSample } from './samples';

export interface LineScore {
  readonly language: string;
  readonly exact: boolean;
  readonly similarity: number;
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
  /** Nats per generated token. */
  readonly meanLogprob: number;
  readonly msPerCompletion: number;
  readonly byLanguage: Readonly<Record<string, Quality>>;
}

export function score({ language, rest }: LineSample, result: CompletionResult): LineScore {
  const wanted = rest.trimEnd();
  const text = (result.kind === 'shown' ? result.text : '').trimEnd();
  const longer = Math.max(wanted.length, text.length);
  const tokens = result.completion === undefined ? [] : newTokens(result.completion);
  return {
    language,
    exact: text === wanted,
    similarity: longer === 0 ? 1 : 1 - levenshtein(text, wanted) / longer,
    logprobs: tokens.map(({ logprob }) => logprob),
    totalMs: result.totalMs,
  };
}

export function summarise(scores: readonly LineScore[]): Report {
  const languages = [...new Set(scores.map(({ language }) => language))].sort();
  const of = (language: string) => quality(scores.filter((line) => line.language === language));
  return {
    ...quality(scores),
    meanLogprob: mean(scores.flatMap(({ logprobs }) => logprobs)),
    msPerCompletion: mean(scores.map(({ totalMs }) => totalMs)),
    byLanguage: Object.fromEntries(languages.map((language) => [language, of(language)])),
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
