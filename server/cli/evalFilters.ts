import { TextDocument } from 'vscode-languageserver-textdocument';
import { type CompletionDependencies, completeAt, placeOf } from '../completion/complete';
import { postprocess } from '../completion/postprocess/index';
import type { CompletionResult } from '../completion/result';
import { deadlineMs, withEngine } from './engine';
import { type CompletionPlace, samplePlaces } from './eval/places';
import { type Violation, violationKinds, violations } from './eval/violations';
import { CliFailure } from './failure';
import { type EngineFlags, settingsOf } from './options';

/** One completion, as the model wrote it and as the filters left it. */
interface Filtered {
  readonly place: CompletionPlace;
  readonly raw: string;
  readonly text: string;
  readonly before: readonly Violation[];
  readonly after: readonly Violation[];
  /** What the filters do to the text that stands in the file. */
  readonly truth: 'whole' | 'shortened' | 'changed';
}

interface FilterReport {
  readonly completions: number;
  readonly shown: number;
  /** Completions with this fault, as the model wrote them and as they are shown. */
  readonly violations: Readonly<Record<string, { readonly raw: number; readonly shown: number }>>;
  /**
   * Shares of places, in 0..1, at which the text of the file itself passes the filters whole, at which they end it at the end of
   * one of its lines, and at which they do something else to it.
   */
  readonly truth: Readonly<Record<Filtered['truth'], number>>;
}

/**
 * Completes at `n` places of source files and counts what is wrong with the texts before and after post-processing.
 * Each place has a KV cache of its own; nothing is held back for being unsure.
 */
export async function evalFilters(
  folders: readonly string[],
  flags: EngineFlags & { n: number; seed: number; show?: boolean },
  signal: AbortSignal,
): Promise<void> {
  const note = (message: string) => void process.stderr.write(`${message}\n`);
  const places = samplePlaces(folders, flags.n, flags.seed, note);
  if (places.length === 0) {
    throw new CliFailure(`${folders.join(', ')} has no places to complete; name folders with source files.`);
  }
  const all = await withEngine(settingsOf(flags), signal, async (dependencies, engine) => {
    const done: Filtered[] = [];
    for (const [index, place] of places.entries()) {
      await dependencies.syntax.load(place.language);
      const session = `eval:${index}`;
      const filtered = await complete(place, dependencies, session, signal);
      engine.forget(session);
      dependencies.syntax.forget(session);
      if (signal.aborted) return undefined;
      if (filtered === undefined) continue;
      done.push(filtered);
      const shown = picture(filtered);
      if (flags.show === true && shown !== undefined) note(shown);
    }
    return done;
  });
  if (all === undefined) return;
  const report = summarise(all);
  process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : table(report));
}

async function complete(
  place: CompletionPlace,
  dependencies: CompletionDependencies,
  session: string,
  signal: AbortSignal,
): Promise<Filtered | undefined> {
  const document = TextDocument.create(session, place.language, 1, place.before + place.after);
  const position = document.positionAt(place.before.length);
  const result = await completeAt(dependencies, document, position, { deadlineMs }, signal);
  if (result.kind === 'empty' && result.reason === 'engine-failed') throw new CliFailure(result.message);
  const raw = result.completion?.text ?? '';
  if (raw.trim() === '') return undefined;
  const text = textOf(result);
  return {
    place,
    raw,
    text,
    before: violations(place, raw),
    after: violations(place, text),
    truth: truthOf(place, dependencies, document),
  };
}

const textOf = (result: CompletionResult): string => (result.kind === 'shown' ? result.text : '');

/** In line mode its first line counts. Blank lines end a block, as they do while it is written. */
function truthOf(
  { before, truth }: CompletionPlace,
  { settings, syntax }: CompletionDependencies,
  document: TextDocument,
): Filtered['truth'] {
  const place = placeOf(document, document.positionAt(before.length), settings, {}, syntax);
  if ('reason' in place) return 'whole';
  const { caret, mode, languageId } = place;
  const [line = ''] = truth.split('\n', 1);
  const block = /^\s*[^\n]*(?:\n[^\n]*\S[^\n]*)*/.exec(truth)?.[0] ?? truth;
  const text = (mode === 'line' ? line : block).trimEnd();
  const context = { ...caret, mode, languageId, syntax: place.syntax, stopReason: 'end-token' as const };
  const kept = postprocess(text, context).trimEnd();
  if (kept === text) return 'whole';
  return kept !== '' && text.startsWith(`${kept}\n`) ? 'shortened' : 'changed';
}

function summarise(all: readonly Filtered[]): FilterReport {
  const count = (kind: Violation, side: 'before' | 'after') =>
    all.filter((one) => one[side].includes(kind)).length;
  const share = (of: Filtered['truth']) =>
    all.filter(({ truth }) => truth === of).length / Math.max(1, all.length);
  return {
    completions: all.length,
    shown: all.filter(({ text }) => text !== '').length,
    violations: Object.fromEntries(
      violationKinds.map((kind) => [kind, { raw: count(kind, 'before'), shown: count(kind, 'after') }]),
    ),
    truth: { whole: share('whole'), shortened: share('shortened'), changed: share('changed') },
  };
}

function table({ completions, shown, violations, truth }: FilterReport): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const rows = Object.entries(violations).map(
    ([kind, { raw, shown }]) => `${kind.padEnd(18)}${String(raw).padStart(8)}${String(shown).padStart(8)}`,
  );
  return `${[
    `${''.padEnd(18)}${'model'.padStart(8)}${'shown'.padStart(8)}`,
    `${'completions'.padEnd(18)}${String(completions).padStart(8)}${String(shown).padStart(8)}`,
    ...rows,
    `What the file itself has there: ${percent(truth.whole)} pass whole, ${percent(truth.shortened)} end with an earlier line, ${percent(truth.changed)} change.`,
  ].join('\n')}\n`;
}

/** A completion with something wrong, for somebody who looks for the reason. */
function picture({ place, raw, text, before, after, truth }: Filtered): string | undefined {
  if (before.length + after.length === 0 && truth !== 'changed') return undefined;
  const near = (text: string, lines: number) =>
    text
      .split('\n')
      .slice(...(lines < 0 ? [lines] : [0, lines]))
      .join('\n');
  return [
    `--- ${place.file} (${place.shape}) model: ${before.join(', ')}; shown: ${after.join(', ')}; truth ${truth}`,
    `${near(place.before, -4)}║${near(place.after, 3)}`,
    `model: ${JSON.stringify(raw)}`,
    `shown: ${JSON.stringify(text)}`,
    `truth: ${JSON.stringify(place.truth)}`,
  ].join('\n');
}
