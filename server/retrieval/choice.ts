import { type Chunk, identifiersOf, jaccard, linesOf, overlap } from './chunks';
import type { Occasion } from './ring';

export interface Candidate {
  readonly chunk: Chunk;
  /** What the user did with it; `open` is a piece of a document that is merely open. */
  readonly occasion: Occasion | 'open';
}

export interface Chosen extends Candidate {
  /** How like the text around the caret it is, 0 to 1. */
  readonly similarity: number;
}

/** The text that a prompt will show anyhow, and what stands around the caret. */
export interface Surroundings {
  readonly languageId: string;
  /** Around the caret. */
  readonly near: string;
}

/** A chunk that is less like the text around the caret says nothing about it. */
const leastSimilar = 0.03;
/** What says so much of its lines a second time only distorts (llama.vim's limit). */
const mostRepeated = 0.5;
/** What is shown already goes on being shown until something is so much more like the text: the cached rows stay with it. */
const loyalty = 1.5;
/** A chunk in another language says less. */
const otherLanguage = 0.5;

/**
 * Chooses what of the candidates is most like the text around the caret, as far as there is room. What was chosen before keeps
 * its place, and what is new comes behind it, so that the beginning of the prompt changes as seldom as possible.
 * @param room characters
 */
export function choose(
  candidates: readonly Candidate[],
  { languageId, near }: Surroundings,
  room: number,
  before: readonly Chosen[],
): Chosen[] {
  const identifiers = identifiersOf(near);
  const lines = linesOf(near);
  const ranked = candidates
    .map((candidate) => {
      const { chunk } = candidate;
      const language = chunk.languageId === languageId ? 1 : otherLanguage;
      const similarity = jaccard(chunk.identifiers, identifiers) * language;
      return { ...candidate, similarity, rank: similarity * (placeIn(before, chunk) < 0 ? 1 : loyalty) };
    })
    .filter(({ similarity, chunk }) => similarity >= leastSimilar && !repeats(chunk, lines))
    .sort((a, b) => b.rank - a.rank);
  const taken: Chosen[] = [];
  let left = room;
  for (const { rank: _, ...each } of ranked) {
    if (each.chunk.text.length > left || taken.some(({ chunk }) => overlap(chunk, each.chunk))) continue;
    left -= each.chunk.text.length;
    taken.push(each);
  }
  const place = ({ chunk }: Chosen) => {
    const at = placeIn(before, chunk);
    return at < 0 ? before.length : at;
  };
  return taken.sort((a, b) => place(a) - place(b));
}

/** A chunk that was cut anew at the same place is still the same one. */
const placeIn = (chosen: readonly Chosen[], chunk: Chunk): number =>
  chosen.findIndex((there) => overlap(there.chunk, chunk));

function repeats(chunk: Chunk, lines: ReadonlySet<string>): boolean {
  const own = [...linesOf(chunk.text)];
  return own.filter((line) => lines.has(line)).length > mostRepeated * own.length;
}
