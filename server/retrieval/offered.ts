import type { ContextSnippet } from '../../engine/index';
import { nameOf } from '../documents/uris';
import type { Declared } from '../monitors/analyst';
import type { ContextSource } from '../protocol';
import type { Chosen } from './choice';
import { diffOf, type Hunk } from './edits';

/** A snippet for the prompt, and what it is. */
export interface Offered extends ContextSnippet {
  readonly source: ContextSource | 'signatures';
  readonly uri: string;
  /** From 1, both included; absent where it is not a range of a document. */
  readonly lines?: readonly [first: number, last: number];
  /** Why it is offered, as the end of a sentence. */
  readonly why: string;
}

export const offeredDeclaration = ({ path, text, uri }: Declared): Offered => ({
  source: 'signatures',
  path,
  text,
  uri: uri ?? path,
  why: 'declares what is imported and used near the caret',
});

const did: Readonly<Record<Chosen['occasion'], string>> = {
  edited: 'edited lately',
  viewed: 'looked at lately',
  saved: 'saved lately',
  left: 'closed lately',
  open: 'open',
};

export function offeredChunk({ chunk, occasion, similarity }: Chosen, source: 'recent' | 'open'): Offered {
  const { uri, start, end, text } = chunk;
  const why = `${did[occasion]}, and ${Math.round(100 * similarity)} % like the text around the caret`;
  return { source, path: nameOf(uri), text, uri, lines: [start + 1, end], why };
}

/**
 * The oldest first: the latest is the next to change, and nearest to the file.
 * @param uri the document that is completed
 * @param hunks the latest first, which matter most
 * @param room characters
 */
export function offeredEdits(uri: string, hunks: readonly Hunk[], room: number): Offered[] {
  let left = room;
  const taken: Offered[] = [];
  for (const hunk of hunks) {
    const text = diffOf(hunk);
    if (text.length > left) continue;
    left -= text.length;
    taken.unshift({
      source: 'edits',
      path: `${nameOf(hunk.uri)}.diff`,
      text,
      uri: hunk.uri,
      lines: [hunk.start + 1, hunk.start + Math.max(1, hunk.after.length)],
      why: `one of the last edits, ${hunk.uri === uri ? 'in this file' : 'elsewhere'}`,
    });
  }
  return taken;
}

/** Tabby's: what is longer is not what somebody is about to use. */
const clipLength = { least: 3, most: 2000 };

/** @param room characters */
export function offeredClip(clip: string, room: number): Offered[] {
  const text = clip.trim();
  if (text.length < clipLength.least || text.length > Math.min(clipLength.most, room)) return [];
  const why = 'what the clipboard holds';
  return [{ source: 'clipboard', path: 'clipboard', text, uri: 'clipboard:', why }];
}
