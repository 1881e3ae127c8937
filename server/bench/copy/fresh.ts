import { randomIntegers } from '../../cli/eval/random';

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
