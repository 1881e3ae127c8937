/** The part of the text on one side of the caret that a prompt shows: always the part next to the caret. */
export interface Window {
  readonly text: string;
  readonly ids: readonly number[];
  /** Characters of the side that are left out at its far end. */
  readonly omitted: number;
}

/** `prefix`: the window is the end of the text. `suffix`: it is the start. */
export type Side = 'prefix' | 'suffix';

type Encode = (text: string) => readonly number[];

/** A window counts as full from here on; closer is not worth more attempts. */
const fullEnough = 0.85;

/**
 * The longest window of whole lines with at most `limit` tokens, up to a tolerance. Where lines are so long that whole
 * ones would leave half of it empty, a line is cut. Encodes a few windows of about the final size, never the whole text.
 */
export function fitWindow(text: string, side: Side, limit: number, encode: Encode): Window {
  let best = windowOf(text, side, 0, encode);
  if (limit <= 0 || text.length === 0) return best;
  // Source code has some 3.5 characters per token: start a little above.
  let chars = Math.min(text.length, limit * 4);
  let fitting = 0;
  let tooMany = text.length + 1;
  for (let attempt = 0; attempt < 8; attempt++) {
    const window = windowOf(text, side, wholeLines(text, side, chars), encode);
    const tokens = window.ids.length;
    if (tokens <= limit) {
      if (window.text.length >= best.text.length) best = window;
      if (window.omitted === 0 || tokens >= fullEnough * limit) return best;
      fitting = chars;
    } else {
      tooMany = chars;
    }
    const estimate = Math.floor((chars * 0.95 * limit) / Math.max(1, tokens));
    chars = Math.min(Math.max(estimate, fitting + 1), tooMany - 1);
    if (chars <= fitting) break;
  }
  for (let count = limit; best.ids.length === 0 && count > 0; count = Math.floor(count / 2)) {
    const window = windowOf(text, side, cutLength(text, side, Math.min(count, text.length)), encode);
    if (window.ids.length <= limit) best = window;
  }
  return best;
}

export function windowOf(text: string, side: Side, length: number, encode: Encode): Window {
  const shown = side === 'prefix' ? text.slice(text.length - length) : text.slice(0, length);
  return { text: shown, ids: length === 0 ? [] : encode(shown), omitted: text.length - length };
}

/** The most whole lines within `chars` characters from the caret; with a cut line if those fill less than half. */
function wholeLines(text: string, side: Side, chars: number): number {
  if (chars >= text.length) return text.length;
  const length =
    side === 'prefix'
      ? text.length - lineStartFrom(text, text.length - chars)
      : text.lastIndexOf('\n', chars - 1) + 1;
  return length >= chars / 2 ? length : cutLength(text, side, chars);
}

function lineStartFrom(text: string, position: number): number {
  const newline = text.indexOf('\n', position - 1);
  return newline < 0 ? text.length : newline + 1;
}

/** Cutting between the halves of a surrogate pair would make two invalid characters. */
function cutLength(text: string, side: Side, chars: number): number {
  const cut = side === 'prefix' ? text.length - chars : chars;
  const code = text.charCodeAt(cut);
  const splitsPair = cut > 0 && code >= 0xdc00 && code <= 0xdfff && isHighSurrogate(text.charCodeAt(cut - 1));
  return splitsPair ? chars - 1 : chars;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

const anchorLength = 80;
const searchDistance = 8192;

/**
 * How much of the changed text the window covers if its far border stays at the same place in the document; undefined
 * if that place is gone. Edits beyond the border move it: its neighbourhood is looked up near where it was.
 */
export function sameBorder(text: string, side: Side, previous: Window): number | undefined {
  if (previous.omitted === 0) return text.length;
  if (side === 'suffix') {
    // Counted from the document's end, where nothing was typed.
    const anchor = previous.text.slice(-anchorLength);
    const length = text.length - previous.omitted;
    return length >= anchor.length && text.startsWith(anchor, length - anchor.length) ? length : undefined;
  }
  const anchor = previous.text.slice(0, anchorLength);
  const from = Math.max(0, previous.omitted - searchDistance);
  const near = text.slice(from, previous.omitted + searchDistance + anchorLength);
  const at = nearest(near, anchor, previous.omitted - from);
  return at === undefined ? undefined : text.length - from - at;
}

function nearest(text: string, wanted: string, position: number): number | undefined {
  if (wanted === '') return undefined;
  const after = text.indexOf(wanted, position);
  if (after === position) return after;
  const before = position > 0 ? text.lastIndexOf(wanted, position - 1) : -1;
  if (before < 0) return after < 0 ? undefined : after;
  return after < 0 || position - before < after - position ? before : after;
}
