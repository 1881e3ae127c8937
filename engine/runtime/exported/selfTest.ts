import type { KvCache } from '../../cache/kvCache';
import { createKeyRotation } from '../../cache/rotation';
import type { ModelConfig } from '../../model/config';
import type { Decoder } from '../decoder';
import { widenHalves } from './half';
import type { ExportedStorage } from './storage';

export interface Abilities {
  /** What makes the graph unfit, as the end of a sentence that begins with its file. */
  readonly failure?: string | undefined;
  /** Whether several rows may be encoded at once behind cached ones. */
  readonly seesPastInGroups: boolean;
  /** Whether keys that are turned as config.json says are those of the new position. */
  readonly movesKeys: boolean;
}

/**
 * How far logits may be from each other, as a part of the largest. Graphs that quantise what goes into a product share its scale
 * between rows: 0.02 to 0.07 in the exports of our tests. Rows that see what they must not, or miss what they must see: 0.7 to 1.7.
 */
const tolerance = 0.4;
/**
 * How far a key's pairs may be off, on average: 0.01 where products are of 8 bits, 0.26 and more where keys are cached
 * unrotated or turn by other angles (a base ten times as large, or half of each angle).
 */
const keyTolerance = 0.1;

const length = 16;
const split = 9;

/**
 * Runs a short text in several ways, which must come to the same: at once, in two parts, and its last token alone at the start.
 * An export may have been traced with one new token behind the past, or cache keys before their rotation, and its inputs
 * do not tell.
 */
export async function selfTest(
  forward: Decoder['forward'],
  newCache: () => KvCache<ExportedStorage>,
  config: ModelConfig,
  onlyLastLogits: boolean,
): Promise<Abilities> {
  const tokens = Array.from({ length }, (_, i) => (i * 7919 + 13) % Math.min(config.vocabSize, 1000));
  const whole = newCache();
  const logits = onlyLastLogits ? 1 : length - split;
  const expected = await forward(whole, tokens, { logits });
  const parts = newCache();
  await forward(parts, tokens.slice(0, split), { logits: 0 });
  const inParts = await forward(parts, tokens.slice(split), { logits });
  const single = newCache();
  await forward(single, tokens.slice(0, split), { logits: 0 });
  let oneByOne: Float32Array = new Float32Array();
  for (const token of tokens.slice(split)) oneByOne = await forward(single, [token], { logits: 1 });
  const alone = newCache();
  await forward(alone, tokens.slice(-1), { logits: 0 });

  const keys = { from: lastKey(alone.storage, 1, config), to: lastKey(whole.storage, length, config) };
  for (const cache of [whole, parts, single, alone]) cache.storage.dispose();
  if (!expected.every(Number.isFinite)) return { ...unfit, failure: 'returns logits that are no numbers' };
  // What is no number is near nothing.
  if (!(distance(oneByOne, expected.subarray(-config.vocabSize)) <= tolerance))
    return { ...unfit, failure: 'gives other logits with cached tokens than without a cache' };
  createKeyRotation(config.rope, config.headDim)(keys.from, length - 1);
  return {
    seesPastInGroups: distance(inParts, expected) <= tolerance,
    movesKeys: pairDistance(keys.from, keys.to, config) <= keyTolerance,
  };
}

const unfit = { seesPastInGroups: false, movesKeys: false };

/** The first layer's keys depend on nothing but their token and its position. `[headDim]` of the first head, a copy. */
function lastKey(storage: ExportedStorage, rows: number, { headDim }: ModelConfig): Float32Array {
  const key = storage.past('key', 0, rows).slice((rows - 1) * headDim, rows * headDim);
  return key instanceof Uint16Array ? widenHalves(key) : key;
}

function distance(actual: Float32Array, expected: Float32Array): number {
  let [error, largest] = [0, 0];
  for (const [i, value] of expected.entries()) {
    error = Math.max(error, Math.abs((actual[i] as number) - value));
    largest = Math.max(largest, Math.abs(value));
  }
  return error / largest;
}

/** Each pair by its own length: of some models a few are a hundred times as long as the others. */
function pairDistance(actual: Float32Array, expected: Float32Array, { rope }: ModelConfig): number {
  const pairs = rope.dim / 2;
  const [step, partner] = rope.layout === 'interleaved' ? [2, 1] : [1, pairs];
  let sum = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const at = (keys: Float32Array, i: number) => keys[i] as number;
    const [x, y] = [pair * step, pair * step + partner];
    const error = Math.hypot(at(actual, x) - at(expected, x), at(actual, y) - at(expected, y));
    sum += Math.min(1, error / Math.hypot(at(expected, x), at(expected, y)));
  }
  return sum / pairs;
}
