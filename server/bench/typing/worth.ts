import { type BenchRow, row } from '../report';
import { share } from '../statistics';
import type { Key } from './paced';

/** What ghost text was worth to somebody who takes it where all of it is right. */
export function worthRows(keys: readonly Key[], label: string): BenchRow[] {
  const written = keys.reduce((sum, { wrote }) => sum + wrote.length, 0);
  const texts = newTexts(keys);
  return [
    row(`characters saved${label}`, (100 * charactersSaved(keys)) / written, '%'),
    row(`new ghost texts${label}`, (100 * texts.length) / keys.length, 'per 100 keys'),
    row(
      `of these right as a whole${label}`,
      100 * share(texts, ({ shown, ahead }) => ahead.startsWith(shown.text)),
      '%',
    ),
  ];
}

type Shown = Key & { readonly shown: NonNullable<Key['shown']> };

/** The keys behind which something appeared that was not the rest of what stood there before. */
export function newTexts(keys: readonly Key[]): Shown[] {
  return keys.filter((key, i): key is Shown => {
    if (key.shown === undefined) return false;
    const before = keys[i - 1]?.shown?.text;
    return before === undefined || before !== key.wrote + key.shown.text;
  });
}

/**
 * Characters that somebody need not have typed who takes each completion that is right as a whole, with one key.
 */
export function charactersSaved(keys: readonly Key[]): number {
  let saved = 0;
  for (let i = 0; i < keys.length - 1; ) {
    const { shown, ahead } = keys[i] as Key;
    const text = shown?.text ?? '';
    i++;
    if (text.length < 2 || !ahead.startsWith(text)) continue;
    // What it says beyond the passage nobody had to type.
    const inside = keys.slice(i).reduce((sum, { wrote }) => sum + wrote.length, 0);
    saved += Math.min(text.length, inside) - 1;
    // With its last character comes what is shown next.
    for (let left = text.length - (keys[i]?.wrote.length ?? 0); left > 0 && i < keys.length - 1; i++)
      left -= keys[i + 1]?.wrote.length ?? 0;
  }
  return saved;
}
