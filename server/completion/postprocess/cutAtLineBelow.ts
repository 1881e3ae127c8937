import { levenshtein } from '../../levenshtein';
import type { Filter } from './filter';

/**
 * A completion that arrives at the line below the caret goes on with what is already in the file. Lines
 * without a word (`}`, `});`) close many things: they count only where all that follows them fits too.
 * Three lines together may differ a little from those below: then they are a variation of them, which nobody needs twice.
 */
export const cutAtLineBelow: Filter = (completion, { linePrefix, suffix }) => {
  const below = suffix.split('\n', mostBelow).slice(1).map(trimEnd).filter(Boolean);
  const next = below[0];
  if (next === undefined) return completion;

  const lines = completion.split('\n');
  const isRepeat = (from: number): boolean => {
    const rest = [
      ...(from === 0 ? [linePrefix + (lines[0] ?? '')] : []),
      ...lines.slice(from === 0 ? 1 : from),
    ];
    const first = trimEnd(rest[0] ?? '');
    if (first === '') return false;
    if (first !== next) return isNearly(rest, below);
    return /\w/.test(next) || continuesLike(rest, below);
  };
  const cut = lines.findIndex((_, index) => isRepeat(index));
  return cut < 0 ? completion : lines.slice(0, cut).join('\n');
};

/** Lines below the caret that are compared with. */
const mostBelow = 64;
/** So many lines together, and so much of them may differ: as Tabby has it (its `dropDuplicated`). */
const together = 3;
const difference = 0.05;
/** Shorter lines are alike by chance. */
const shortest = 24;

/** Whether the first lines are, but for a few letters, the first ones below. */
function isNearly(lines: readonly string[], below: readonly string[]): boolean {
  const filled = lines.map(trimEnd).filter(Boolean);
  if (filled.length < together || below.length < together) return false;
  const ours = filled.slice(0, together).join('\n');
  const theirs = below.slice(0, together).join('\n');
  const most = Math.floor(difference * Math.max(ours.length, theirs.length));
  if (ours.length < shortest || Math.abs(ours.length - theirs.length) > most) return false;
  return levenshtein(ours, theirs) <= most;
}

/** Whether all of `lines` (blank ones aside) stands below already. */
function continuesLike(lines: readonly string[], below: readonly string[]): boolean {
  return lines
    .map(trimEnd)
    .filter(Boolean)
    .every((line, index) => line === below[index]);
}

function trimEnd(line: string): string {
  return line.trimEnd();
}
