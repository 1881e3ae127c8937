import { createCopyDrafter } from '../../../engine/decode/copy';
import { createCopySources, type IndexedSource } from '../../../engine/decode/copySources';
import { type Drafter, noDraft } from '../../../engine/decode/draft';

export const contenders = ['longest', 'copyspec', 'none'] as const;
export type Contender = (typeof contenders)[number];

/** @param longestDraft the device's verification knee, as in the product */
export function drafterOf(
  contender: Contender,
  sources: readonly IndexedSource[],
  longestDraft: number,
): Drafter {
  return contender === 'none' ? noDraft : createCopyDrafter({ rule: contender, sources, longestDraft });
}

/** Texts outside the prompt, indexed as the engine does in idle time. */
export async function indexed(
  texts: readonly string[],
  encode: (text: string) => readonly number[],
): Promise<readonly IndexedSource[]> {
  const sources = createCopySources(encode);
  sources.offer(texts.map((text, i) => ({ id: String(i), version: 1, text })));
  await sources.index(() => false);
  return sources.ready();
}
