import type { Filter } from './filter';

/**
 * A completion that arrives at the line below the caret goes on with what is already in the file. Lines
 * without a word (`}`, `});`) close many things: they count only where all that follows them fits too.
 */
export const cutAtLineBelow: Filter = (completion, { linePrefix, suffix }) => {
  const below = suffix.split('\n').slice(1).map(trimEnd).filter(Boolean);
  const next = below[0];
  if (next === undefined) return completion;

  const lines = completion.split('\n');
  const isRepeat = (from: number): boolean => {
    const first = trimEnd(from === 0 ? linePrefix + (lines[0] ?? '') : (lines[from] ?? ''));
    if (first !== next) return false;
    return /\w/.test(next) || continuesLike(lines.slice(from), below, from === 0 ? linePrefix : '');
  };
  const cut = lines.findIndex((_, index) => isRepeat(index));
  return cut < 0 ? completion : lines.slice(0, cut).join('\n');
};

/** Whether all of `lines` (blank ones aside) stands below already. */
function continuesLike(lines: readonly string[], below: readonly string[], linePrefix: string): boolean {
  const rest = [linePrefix + (lines[0] ?? ''), ...lines.slice(1)].map(trimEnd).filter(Boolean);
  return rest.every((line, index) => line === below[index]);
}

function trimEnd(line: string): string {
  return line.trimEnd();
}
