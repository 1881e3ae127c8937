import { TextDocument } from 'vscode-languageserver-textdocument';
import { type CompletionDependencies, completeAt } from '../completion/complete';
import type { CompletionResult } from '../completion/result';
import { deadlineMs, withEngine } from './engine';
import { type LineSample, sampleLines } from './eval/samples';
import { type LineScore, type Report, score, summarise } from './eval/scores';
import { CliFailure } from './failure';
import { type EngineFlags, settingsOf } from './options';

/**
 * Rest-of-line completion on the source files of a folder.
 *
 * Protocol: `n` lines are drawn with a seeded generator (`eval/samples.ts` says which qualify). Of each
 * line everything after a random place inside its text is removed, which may be in the middle of a word;
 * the model gets all of the file before and after that, and completes in line mode, through the server's
 * own path with its filters. Each sample has a KV cache of its own, so that none profits from another.
 * `exactMatch` is the share whose text equals the removed rest, white space at the end aside;
 * `editSimilarity` the mean of 1 - Levenshtein distance / longer length; `meanLogprob` the mean natural
 * log-probability per generated token; `msPerCompletion` the mean time of a completion with a cold cache;
 * the other figures are explained where they are made (`eval/scores.ts`).
 */
export async function evalLines(
  folder: string,
  flags: EngineFlags & { n: number; seed: number },
  signal: AbortSignal,
): Promise<void> {
  const samples = sampleLines(folder, flags.n, flags.seed, (message) => process.stderr.write(`${message}\n`));
  if (samples.length === 0) {
    throw new CliFailure(`${folder} has no lines to complete; name a folder with source files.`);
  }
  const report = await withEngine(settingsOf(flags), signal, async (dependencies, engine) => {
    const scores: LineScore[] = [];
    for (const [index, sample] of samples.entries()) {
      await dependencies.syntax.load(sample.language);
      const session = `eval:${index}`;
      const result = await completeSample(sample, dependencies, session, signal);
      engine.forget(session);
      dependencies.syntax.forget(session);
      if (signal.aborted) return undefined;
      if (result.kind === 'empty' && result.reason === 'engine-failed') throw new CliFailure(result.message);
      scores.push(score(sample, result));
    }
    return summarise(scores);
  });
  if (report !== undefined) {
    process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : table(report));
  }
}

function completeSample(
  sample: LineSample,
  dependencies: CompletionDependencies,
  session: string,
  signal: AbortSignal,
): Promise<CompletionResult> {
  const text = sample.before + sample.after;
  const document = TextDocument.create(session, sample.language, 1, text);
  const position = document.positionAt(sample.before.length);
  return completeAt(dependencies, document, position, { deadlineMs, mode: 'line' }, signal);
}

function table({ byLanguage, byCaret, ...total }: Report): string {
  const rows = [['', 'n', 'exact match', 'edit similarity']];
  const carets = { 'caret within a word': byCaret.withinWord, 'caret between words': byCaret.betweenWords };
  for (const [name, line] of Object.entries({ ...byLanguage, ...carets, all: total })) {
    rows.push([name, String(line.n), percent(line.exactMatch), line.editSimilarity.toFixed(3)]);
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  const { n, share } = total.nextIdentifier;
  const ends = `next identifier right in ${percent(share)} of ${n} whose prompt names it; ${percent(total.ended)} end by themselves, ${total.loops} loops, ${total.loopsLeft} more were left`;
  const costs = `mean log-probability ${total.meanLogprob.toFixed(3)}, ${total.msPerCompletion.toFixed(0)} ms per completion`;
  return `${[...lines.map((line) => line.trimEnd()), ends, costs].join('\n')}\n`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
