import type { LoadedModel } from '../../../engine/runtime/load';
import { randomIntegers } from '../../cli/eval/random';
import { median, sleep } from '../measure';
import { type BenchRow, row } from '../report';
import type { BenchOptions } from '../suite';
import { drafterOf } from './drafters';
import { decodeForced } from './forced';

/** Tokens of a text in random order: their frequencies, but nothing of three tokens that comes again except by chance. */
export function freshText(ids: readonly number[], length: number, seed: number): number[] {
  const random = randomIntegers(seed);
  return Array.from({ length }, () => ids[random(ids.length)] as number);
}

const phraseTokens = 4;
const phrases = 12;

/** Phrases that come again and again, each time followed by something else: every match is a wrong one. */
export function misleadingText(ids: readonly number[], length: number, seed: number): number[] {
  const random = randomIntegers(seed);
  const token = () => ids[random(ids.length)] as number;
  const known = Array.from({ length: phrases }, () => Array.from({ length: phraseTokens }, token));
  const text: number[] = [];
  while (text.length < length) text.push(...(known[random(phrases)] as number[]), token(), token());
  return text.slice(0, length);
}

const promptTokens = 400;
const writtenTokens = 200;
const texts = 8;
/** A burst of other work on the machine hits one of them, not all. */
const repetitions = 3;
const mostSlowdown = 1.03;

/** The cost of looking for copies where there are none: for each text the fastest of a few runs with and without, in turns. */
export async function freshRows(
  { decoder, tokenizer }: LoadedModel,
  source: string,
  knee: number,
  { progress }: BenchOptions,
): Promise<BenchRow[]> {
  const ids = tokenizer.encode(source.slice(0, 40_000));
  const run = async (text: readonly number[], contender: 'longest' | 'none') => {
    await sleep(15);
    const [prompt, written] = [text.slice(0, promptTokens), text.slice(promptTokens)];
    const { ms } = await decodeForced(decoder, prompt, written, drafterOf(contender, [], knee));
    return ms / writtenTokens;
  };
  const measure = async (text: readonly number[]) => {
    const fastest = { longest: Number.POSITIVE_INFINITY, none: Number.POSITIVE_INFINITY };
    for (let i = 0; i < repetitions; i++) {
      for (const contender of i % 2 === 0 ? (['longest', 'none'] as const) : (['none', 'longest'] as const))
        fastest[contender] = Math.min(fastest[contender], await run(text, contender));
    }
    return fastest;
  };
  const rows: BenchRow[] = [];
  for (const [name, make] of [
    ['text that does not repeat', freshText],
    ['misleading text', misleadingText],
  ] as const) {
    const times = [];
    for (let i = 0; i < texts; i++) {
      progress(`${name}, ${i + 1} of ${texts}`);
      times.push(await measure(make(ids, promptTokens + writtenTokens, i + 1)));
    }
    const baseline = median(times.map(({ none }) => none));
    const ratio = median(times.map(({ longest, none }) => longest / none));
    const title = `${name}: time per token, longest against none`;
    rows.push(row(title, ratio * baseline, 'ms', { baseline, goal: mostSlowdown }));
  }
  return rows;
}
