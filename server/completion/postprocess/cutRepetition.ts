import type { Filter } from './filter';

/** Shorter loops, such as `0, 0, 0` or `----`, are things that people write. */
const fewestRepeats = 3;
const shortestLoop = 24;

/**
 * Small models fall into loops. If the text ends in the same unit again and again, one of them is kept;
 * the last unit may be incomplete.
 */
export const cutRepetition: Filter = (completion, { stopReason }) => {
  // Where the engine has stopped for it, a loop of a few characters is one as well.
  const loop = longestLoopAtEnd(completion, stopReason === 'repetition' ? 0 : shortestLoop);
  if (loop === undefined) return completion;
  const round = loop.start + loop.period;
  // A loop can begin in the middle of a line by chance; whole lines are kept.
  const lineEnd = completion.indexOf('\n', round - 1);
  const loopsLines = completion.slice(loop.start, round).includes('\n') && lineEnd >= 0;
  if (loopsLines) return completion.slice(0, lineEnd);
  // Or in the middle of a word, unless the words themselves repeat without end.
  const [restOfWord = ''] = completion.slice(round - 1).match(/(?<=^\w)\w+/) ?? [];
  return completion.slice(0, restOfWord.length < loop.period ? round + restOfWord.length : round);
};

/**
 * Borders of the reversed text (the failure function of Knuth, Morris and Pratt) give the smallest
 * period of every tail in linear time.
 */
function longestLoopAtEnd(text: string, shortest: number): { start: number; period: number } | undefined {
  const length = text.length;
  const border = new Uint32Array(length + 1);
  let loop: { start: number; period: number } | undefined;
  for (let tail = 2, matched = 0; tail <= length; tail++) {
    while (matched > 0 && text[length - tail] !== text[length - 1 - matched]) matched = border[matched] ?? 0;
    if (text[length - tail] === text[length - 1 - matched]) matched++;
    border[tail] = matched;
    const period = tail - matched;
    const start = length - tail;
    if (tail < shortest || tail < fewestRepeats * period) continue;
    if (/\w/.test(text.slice(start, start + period))) loop = { start, period };
  }
  return loop;
}
