import type { Filter } from './filter';

/** Units of a line that nobody writes twice in a row; shorter ones, such as `}`, `0,` or `i++;`, people do repeat. */
const shortest = 10;

/**
 * Small models like to write what they have just read: a completion ends before a line that is the one above it once more,
 * be that its own or the one above the caret.
 */
export const cutRepeatedLines: Filter = (completion, { prefix, linePrefix }) => {
  const above =
    prefix
      .slice(0, prefix.length - linePrefix.length)
      .split('\n')
      .at(-2) ?? '';
  const lines = completion.split('\n');
  const whole = [linePrefix + (lines[0] ?? ''), ...lines.slice(1)].map((line) => line.trim());
  const repeated = whole.findIndex(
    (line, index) => line === (index === 0 ? above.trim() : whole[index - 1]) && tells(line),
  );
  return repeated < 0 ? completion : lines.slice(0, repeated).join('\n');
};

const tells = (line: string): boolean => line.length >= shortest && /\w/.test(line);
