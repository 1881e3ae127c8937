import type { Decoder } from '../../../engine/runtime/decoder';

export const promptLength = 24;
export const greedyLength = 200;

/** Token ids without a pattern, none of them a control token. */
export function promptTokens(vocabSize: number, length = promptLength): number[] {
  return Array.from({ length }, (_, i) => (i * 7919 + 13) % (vocabSize - 64));
}

export interface GreedyRun {
  /** The prompt and what was chosen after it. */
  readonly tokens: number[];
  /** Logits [vocab] after each of `tokens` but the last chosen one. */
  readonly logits: Float32Array[];
}

/** Chooses the likeliest token `greedyLength` times, one forward pass each, end tokens included. */
export async function greedyRun(decoder: Decoder, prompt: readonly number[]): Promise<GreedyRun> {
  const cache = decoder.newCache();
  const tokens = [...prompt];
  const logits = rowsOf(await decoder.forward(cache, prompt, { logits: prompt.length }), decoder);
  while (tokens.length < prompt.length + greedyLength) {
    const next = argmax(logits[logits.length - 1] as Float32Array);
    tokens.push(next);
    if (tokens.length === prompt.length + greedyLength) break;
    logits.push(...rowsOf(await decoder.forward(cache, [next], { logits: 1 }), decoder));
  }
  return { tokens, logits };
}

/** Splits `[rows, vocab]`. */
export function rowsOf(logits: Float32Array, { config }: Pick<Decoder, 'config'>): Float32Array[] {
  const rows = logits.length / config.vocabSize;
  return Array.from({ length: rows }, (_, r) =>
    logits.slice(r * config.vocabSize, (r + 1) * config.vocabSize),
  );
}

export function argmax(row: Float32Array | Float64Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if ((row[i] as number) > (row[best] as number)) best = i;
  return best;
}

type Row = Float32Array | Float64Array;

/** The largest over all rows of max |a - b| / max |b|. */
export function relativeError(a: readonly Row[], b: readonly Row[]): number {
  if (a.length !== b.length) throw new Error(`${a.length} rows against ${b.length}`);
  return Math.max(
    ...a.map((row, r) => {
      const expected = b[r] as Row;
      let difference = 0;
      let size = 0;
      for (let i = 0; i < expected.length; i++) {
        difference = Math.max(difference, Math.abs((row[i] as number) - (expected[i] as number)));
        size = Math.max(size, Math.abs(expected[i] as number));
      }
      // Not a number must not pass for a small one.
      return Number.isFinite(difference) ? difference / size : Number.POSITIVE_INFINITY;
    }),
  );
}
