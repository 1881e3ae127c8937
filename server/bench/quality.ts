import { join } from 'node:path';
import { loadTokenizer } from '../../engine/model/tokenizer';
import { type Decoder, loadDecoder } from './engine';
import { heldOutSource } from './heldOut';
import { type BenchRow, machine, row } from './report';
import type { Suite } from './suite';

/** Tokens of each folder of held-out source. */
const tokensPerFolder = 5400;
const shortestWindow = 64;
const goals = { int8: 1.01, int4: 1.06 } as const;

/** How much quantisation raises the perplexity on held-out source, per precision. */
export const qualitySuite: Suite = async (options) => {
  const directory = options.modelDirectory ?? join(options.root, 'models', 'default');
  const open = (precision: 'fp32' | 'int8' | 'int4') =>
    loadDecoder({
      modelDirectory: directory,
      device: 'cpu',
      precision,
      threads: 0,
      cacheDirectory: options.cacheDirectory,
    });
  const exact = await open('fp32');
  const windows = await heldOutWindows(options.root, directory, Math.min(512, exact.config.maxPositions));
  const count = windows.reduce((sum, window) => sum + window.length - 1, 0);
  options.progress(`fp32 on ${count} tokens`);
  const baseline = await perplexity(exact, windows);
  await exact.release();

  const rows: BenchRow[] = [row('perplexity fp32', baseline, 'per token')];
  for (const precision of ['int8', 'int4'] as const) {
    options.progress(precision);
    const decoder = await open(precision);
    const value = await perplexity(decoder, windows);
    await decoder.release();
    rows.push(row(`perplexity ${precision}`, value, 'per token', { baseline, goal: goals[precision] }));
  }
  return {
    suite: 'quality',
    machine: machine(),
    rows,
    notes: [
      `${count} tokens of source that the model was not trained on, in ${windows.length} windows; ratio: against fp32.`,
    ],
  };
};

/** Consecutive stretches of at most `size` tokens, none across two files. */
async function heldOutWindows(root: string, modelDirectory: string, size: number): Promise<number[][]> {
  const tokenizer = await loadTokenizer(modelDirectory);
  return heldOutSource(root).flatMap((files) => {
    const windows: number[][] = [];
    let room = tokensPerFolder;
    for (const { text } of files) {
      const ids = tokenizer.encode(text);
      for (let from = 0; from + shortestWindow <= ids.length && room > 0; from += size) {
        const window = ids.slice(from, Math.min(from + size, ids.length));
        if (window.length >= shortestWindow) windows.push(window);
        room -= window.length;
      }
    }
    return windows;
  });
}

/** exp of the mean negative log-likelihood of every token but each window's first. */
async function perplexity(decoder: Decoder, windows: readonly (readonly number[])[]): Promise<number> {
  const { vocabSize } = decoder.config;
  let loss = 0;
  let count = 0;
  for (const window of windows) {
    const logits = await decoder.forward(decoder.newCache(), window, { logits: window.length });
    for (let i = 0; i + 1 < window.length; i++) {
      loss -= logProbability(logits.subarray(i * vocabSize, (i + 1) * vocabSize), window[i + 1] ?? 0);
      count++;
    }
  }
  return Math.exp(loss / count);
}

function logProbability(logits: Float32Array, token: number): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) highest = Math.max(highest, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  return (logits[token] ?? Number.NaN) - highest - Math.log(sum);
}
