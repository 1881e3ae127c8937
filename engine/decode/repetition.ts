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

/** Whether the tokens end in a loop. */
export function repeats(tokens: readonly number[]): boolean {
  return loops.some(
    ({ period, window }) => tokens.length >= window && smallestPeriod(tokens.slice(-window)) <= period,
  );
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
