import { randomIntegers } from '../../cli/eval/random';
import type { SourceFile } from '../heldOut';
import { insertion, occurrences, pick, type Random } from '../traces/edits';
import { applyEdits, type Line, linesOf } from '../traces/text';

export const taskKinds = ['re-type a changed function', 'propagate a rename', 'repeat a pattern'] as const;
export type TaskKind = (typeof taskKinds)[number];

/** Text that a person is about to write, with what stands before it. */
export interface CopyTask {
  readonly kind: TaskKind;
  readonly before: string;
  readonly written: string;
  /** Deleted just now, so no longer in the document. */
  readonly deleted?: string;
}

/** Lines of a function: long enough to be re-typed, short enough to stand twice in a small context. */
const fewestLines = 8;
const mostLines = 28;
const mostCharacters = 1000;
/** So many alike lines make a pattern; the first two show it. */
const patternLines = 5;
const shownLines = 2;

/**
 * Edits made from real code, the same in every run: a function that is re-typed below its old version with a new
 * name for one identifier and one statement more; a function whose old text has just been deleted and that is written
 * again with a name changed throughout; and the lines that continue a row of alike ones.
 */
export function copyTasks(files: readonly SourceFile[], perKind: number, seed: number): CopyTask[] {
  const random = randomIntegers(seed);
  const functions = shuffled(
    files.flatMap(({ text }) => functionsOf(text.replaceAll('\r', ''))),
    random,
  );
  const donor = files
    .map(({ text }) => text)
    .join('\n')
    .slice(0, 100_000);
  const patterns = shuffled(
    files.flatMap(({ text }) => patternsOf(text.replaceAll('\r', ''))),
    random,
  );
  return [
    ...firstOf(functions, perKind, (text) => retyping(text, donor, random)),
    ...firstOf([...functions].reverse(), perKind, (text) => renaming(text, random)),
    ...patterns.slice(0, perKind),
  ];
}

function retyping(text: string, donor: string, random: Random): CopyTask | undefined {
  const renamed = withNewName(text, random);
  if (renamed === undefined) return undefined;
  const more = insertion({ text: renamed, caret: renamed.length }, donor, random);
  if (more === undefined) return undefined;
  const changed = applyEdits(renamed, more);
  const head = changed.indexOf('\n') + 1;
  return {
    kind: 're-type a changed function',
    before: `${text}\n${changed.slice(0, head)}`,
    written: changed.slice(head),
  };
}

function renaming(text: string, random: Random): CopyTask | undefined {
  const changed = withNewName(text, random);
  if (changed === undefined) return undefined;
  const head = changed.indexOf('\n') + 1;
  const deleted = text.slice(text.indexOf('\n') + 1);
  return {
    kind: 'propagate a rename',
    before: changed.slice(0, head),
    written: changed.slice(head),
    deleted,
  };
}

function withNewName(text: string, random: Random): string | undefined {
  const names = new Set(text.match(/[A-Za-z_]\w{2,}/g));
  const repeated = [...names].filter((name) => !name.match(words) && occurrences(text, name).length >= 3);
  const old = pick(repeated, random);
  if (old === undefined) return undefined;
  const renamed = `new${old.charAt(0).toUpperCase()}${old.slice(1)}`;
  return applyEdits(
    text,
    occurrences(text, old).map((at) => ({ at, remove: old.length, insert: renamed })),
  );
}

const words =
  /^(const|let|var|return|function|export|async|await|this|for|case|else|break|throw|new|typeof|null|true|false|undefined|string|number|boolean|readonly|void|import|from|switch|continue|while|default)$/;

/** Functions, methods and the like: from a line that opens a brace to the one that closes it at the same indentation. */
export function functionsOf(text: string): string[] {
  const lines = linesOf(text);
  return lines.flatMap((line, i) => {
    if (!/[({]$/.test(line.text) || !/\b(function|async|=>|\w+\()/.test(line.text)) return [];
    const indent = /^\s*/.exec(line.text)?.[0] ?? '';
    const closes = (other: Line) =>
      other.text.startsWith(`${indent}}`) || other.text.startsWith(`${indent})`);
    const end = lines.findIndex((other, at) => at > i && closes(other));
    const count = end - i + 1;
    const last = lines[end];
    if (last === undefined || count < fewestLines || count > mostLines) return [];
    const body = `${text.slice(line.start, last.end)}\n`;
    return body.length <= mostCharacters ? [body] : [];
  });
}

/** Rows of lines that differ in names, numbers and strings only. */
export function patternsOf(text: string): CopyTask[] {
  const lines = linesOf(text);
  const tasks: CopyTask[] = [];
  for (let i = 0; i < lines.length; ) {
    let end = i + 1;
    while (
      end < lines.length &&
      shape(lines[end]) === shape(lines[i]) &&
      (lines[i]?.text.trim().length ?? 0) >= 12
    )
      end++;
    if (end - i >= patternLines) {
      const start = lines[Math.max(0, i - 6)]?.start ?? 0;
      const split = lines[i + shownLines]?.start ?? 0;
      const stop = Math.min(lines[end - 1]?.end ?? 0, split + mostCharacters);
      tasks.push({
        kind: 'repeat a pattern',
        before: text.slice(start, split).slice(-mostCharacters),
        written: text.slice(split, stop),
      });
    }
    i = end;
  }
  return tasks;
}

const shape = (line: Line | undefined) =>
  line?.text
    .replace(/'[^']*'|"[^"]*"|`[^`]*`/g, 'S')
    .replace(/\b\d[\w.]*\b/g, 'N')
    .replace(/\b(?!const|case|return|export|import|if)[A-Za-z_$][\w$]*/g, 'w');

function firstOf<T, R>(items: readonly T[], count: number, make: (item: T) => R | undefined): R[] {
  const made: R[] = [];
  for (const item of items) {
    if (made.length === count) break;
    const result = make(item);
    if (result !== undefined) made.push(result);
  }
  return made;
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.map(() => left.splice(random(left.length), 1)[0] as T);
}
