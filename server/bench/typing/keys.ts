import { keysOf } from '../../../engine/decode/uncertainty/confidence';
import { randomIntegers } from '../../cli/eval/random';
import type { SourceFile } from '../heldOut';
import type { Position } from '../lspClient';

/** A piece of a file that is typed into the rest of it. */
export interface Passage {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** What each key writes: a character, or a line break with the indentation that an editor writes behind it. */
  readonly keys: readonly string[];
}

/** Files that leave something to see before and behind a passage. */
const shortestFile = 1500;

/** Passages from different files, each beginning with a line: up to `count` of them with so many keys each. */
export function passagesOf(files: readonly SourceFile[], count: number, keys: number): Passage[] {
  const fitting = files.filter(({ text }) => text.length >= shortestFile + 2 * keys);
  const step = Math.max(1, Math.floor(fitting.length / count));
  return Array.from({ length: Math.min(count, fitting.length) }, (_, i) =>
    passageOf(fitting[i * step] as SourceFile, keys),
  );
}

function passageOf({ path, text }: SourceFile, count: number): Passage {
  const whole = text.replaceAll('\r\n', '\n');
  const start = whole.indexOf('\n', whole.length >> 1) + 1;
  const keys = keysOf(whole.slice(start)).slice(0, count);
  const end = start + keys.join('').length;
  return { path, before: whole.slice(0, start), after: whole.slice(end), keys };
}

/** Standard deviation of the logarithm: people's gaps between keys differ about by half and double. */
const spread = 0.4;
const resolution = 2 ** 30;

/** Milliseconds before each key at a speed in words of five characters per minute, the same in each run. */
export function gapsAt(wordsPerMinute: number, count: number, seed: number): number[] {
  const integers = randomIntegers(seed);
  const share = () => integers(resolution) / resolution;
  const normal = () => Math.sqrt(-2 * Math.log(1 - share())) * Math.cos(2 * Math.PI * share());
  const gaps = Array.from({ length: count }, () => Math.exp(spread * normal()));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / count;
  return gaps.map((gap) => (gap / mean) * (60_000 / (5 * wordsPerMinute)));
}

export function positionBehind(text: string): Position {
  const lines = text.split('\n');
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}
