/**
 * A tail of `window` tokens that consists of one run of at most `period` tokens, over and over, is a loop that a
 * small model will not leave. The pairs are those of Copilot's anomaly detection (microsoft/vscode-copilot-chat,
 * completions-core, suggestions/anomalyDetection.ts).
 */
const loops = [
  { period: 1, window: 10 },
  { period: 10, window: 30 },
  { period: 20, window: 45 },
  { period: 30, window: 60 },
];

/** How often a completion may leave a loop; one that falls into another then will not end well. */
export const mostLoopsLeft = 8;

/** Length of the run that the tokens end with, over and over; undefined where they end in no loop. */
export function loopPeriod(tokens: readonly number[]): number | undefined {
  for (const { period, window } of loops) {
    if (tokens.length < window) break;
    const found = smallestPeriod(tokens.slice(-window));
    if (found <= period) return found;
  }
  return undefined;
}

/**
 * Where to leave the loop that the tokens end in: in its second round, at the token that was least likely. To go back behind
 * what repeats and to forbid the token that it began with is the backtracking of Antislop (arXiv 2510.15061), whose phrases
 * are known before; which round begins where is chance, so that here the probabilities choose.
 * @param logprobs of each token
 * @param first index of the first token that may be another
 * @returns an index into `tokens`; undefined where they end in no loop
 */
export function wayOut(
  tokens: readonly number[],
  logprobs: readonly number[],
  first: number,
): number | undefined {
  const period = loopPeriod(tokens);
  if (period === undefined) return undefined;
  let second = tokens.length;
  while (second > period && tokens[second - 1] === tokens[second - 1 - period]) second--;
  const from = Math.max(second, first);
  const round = logprobs.slice(from, from + period);
  return round.length === 0 ? undefined : from + round.indexOf(Math.min(...round));
}

/** The least p with tokens[i] = tokens[i - p] for all i >= p, by the failure function of Knuth, Morris and Pratt. */
function smallestPeriod(tokens: readonly number[]): number {
  const border = [0];
  for (let i = 1, length = 0; i < tokens.length; i++) {
    while (length > 0 && tokens[i] !== tokens[length]) length = border[length - 1] as number;
    if (tokens[i] === tokens[length]) length++;
    border.push(length);
  }
  return tokens.length - (border[tokens.length - 1] as number);
}
