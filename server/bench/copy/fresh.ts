import type { LoadedModel } from '../../../engine/runtime/load';
import { randomIntegers } from '../../cli/eval/random';
import { median } from '../measure';
import { type BenchRow, row } from '../report';
import { type BenchOptions, isOver, withShare } from '../suite';
import { drafterOf } from './drafters';
import { forcedDecoding } from './forced';

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
const texts = 16;
const mostSlowdown = 1.03;

/**
 * The cost of looking for copies where there are none: the same text with and without, a pass of each in turns, so that what
 * else the machine does hits both alike.
 */
export async function freshRows(
  { decoder, tokenizer }: LoadedModel,
  source: string,
  knee: number,
  options: BenchOptions,
): Promise<BenchRow[]> {
  const ids = tokenizer.encode(source.slice(0, 40_000));
  const measure = async (text: readonly number[]) => {
    const [prompt, written] = [text.slice(0, promptTokens), text.slice(promptTokens)];
    const decodingWith = (contender: 'longest' | 'none') =>
      forcedDecoding(decoder, prompt, written, drafterOf(contender, [], knee));
    const longest = await decodingWith('longest');
    const none = await decodingWith('none');
    for (let i = 0; !longest.isDone || !none.isDone; i++) {
      for (const decoding of i % 2 === 0 ? [longest, none] : [none, longest])
        if (!decoding.isDone) await decoding.step();
    }
    for (const decoding of [longest, none]) decoding.close();
    return { longest: longest.counts.ms / writtenTokens, none: none.counts.ms / writtenTokens };
  };
  const rows: BenchRow[] = [];
  const kinds = [
    ['text that does not repeat', freshText],
    ['misleading text', misleadingText],
  ] as const;
  for (const [kind, [name, make]] of kinds.entries()) {
    const time = withShare(options, 1 / (kinds.length - kind));
    const times = [];
    for (let i = 0; i < texts; i++) {
      if (isOver(time)) break;
      options.progress(`${name}, ${i + 1} of ${texts}`);
      times.push(await measure(make(ids, promptTokens + writtenTokens, i + 1)));
    }
    const baseline = median(times.map(({ none }) => none));
    const ratio = median(times.map(({ longest, none }) => longest / none));
    const title = `${name}: time per token, longest against none`;
    rows.push(
      row(title, ratio * baseline, 'ms', {
        baseline,
        goal: decoder.independentRows ? mostSlowdown : undefined,
      }),
    );
  }
  return rows;
}
