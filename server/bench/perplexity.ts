import { loadTokenizer } from '../../engine/model/tokenizer';
import type { Decoder } from './engine';
import { heldOutSource } from './heldOut';

/** Tokens of each folder of held-out source. */
const tokensPerFolder = 5400;
const shortestWindow = 64;

/** Consecutive stretches of held-out source of at most `size` tokens and at least `shortest`, none across two files. */
export async function heldOutWindows(
  root: string,
  modelDirectory: string,
  size: number,
  shortest = shortestWindow,
): Promise<number[][]> {
  const tokenizer = await loadTokenizer(modelDirectory);
  return heldOutSource(root).flatMap((files) => {
    const windows: number[][] = [];
    let room = tokensPerFolder;
    for (const { text } of files) {
      const ids = tokenizer.encode(text);
      for (let from = 0; from + shortest <= ids.length && room > 0; from += size) {
        const window = ids.slice(from, Math.min(from + size, ids.length));
        if (window.length >= shortest) windows.push(window);
        room -= window.length;
      }
    }
    return windows;
  });
}

/** exp of the mean negative log-likelihood of every token from row `first` on of each window. */
export async function perplexity(
  decoder: Decoder,
  windows: readonly (readonly number[])[],
  first = 1,
): Promise<number> {
  const { vocabSize } = decoder.config;
  let loss = 0;
  let count = 0;
  for (const window of windows) {
    const rows = window.length - first + 1;
    const logits = await decoder.forward(decoder.newCache(), window, { logits: rows });
    for (let i = 0; i + 1 < rows; i++) {
      const row = logits.subarray(i * vocabSize, (i + 1) * vocabSize);
      loss -= logProbability(row, window[first + i] ?? 0);
      count++;
    }
  }
  return Math.exp(loss / count);
}

/** Natural logarithm of the probability that a softmax over the logits gives to a token. */
export function logProbability(logits: Float32Array, token: number): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) highest = Math.max(highest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  return (logits[token] ?? Number.NaN) - highest - Math.log(sum);
}
