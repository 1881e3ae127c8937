import { join } from 'node:path';
import { loadDecoder } from './engine';
import { heldOutWindows, perplexity } from './perplexity';
import { type BenchRow, machine, row } from './report';
import type { Suite } from './suite';

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
