/**
 * Encoding by segments. A prompt changes by a few characters per keystroke, and the tokenizer takes about
 * 1 ms per kilobyte; so the text is cut where a cut cannot change the tokens, and each segment's ids are remembered.
 *
 * A cut is safe between a printable ASCII character and a space, when no token of the vocabulary has such a pair
 * inside (so no merge can cross) and the splitting pattern never puts such a pair into one piece and looks at most one
 * character ahead, and only past white space (so it sees no difference). Every tokenizer of the GPT-2, Llama, Qwen and
 * DeepSeek lines is of that kind; `cutsAreSafe` checks the vocabulary and tries the pattern on a sample.
 */
export type SegmentEncoder = (text: string) => number[];

type Encode = (text: string) => readonly number[];

const mostSegments = 8192;
/** Of all of them together: without a space every text is one segment of its own. */
const mostCharacters = 2 ** 20;

/** Remembers ids by segment, least recently used out first. */
export function segmentEncoder(encode: Encode): SegmentEncoder {
  const remembered = new Map<string, readonly number[]>();
  let characters = 0;

  function encodeSegment(segment: string): readonly number[] {
    const known = remembered.get(segment);
    if (known !== undefined) {
      remembered.delete(segment);
      remembered.set(segment, known);
      return known;
    }
    const own = detached(segment);
    const ids = encode(own);
    remembered.set(own, ids);
    characters += own.length;
    for (const oldest of remembered.keys()) {
      if (remembered.size <= mostSegments && characters <= mostCharacters) break;
      remembered.delete(oldest);
      characters -= oldest.length;
    }
    return ids;
  }

  return (text) => {
    const ids: number[] = [];
    for (const segment of segmentsOf(text)) for (const id of encodeSegment(segment)) ids.push(id);
    return ids;
  };
}

/** Long lines are cut again after so many characters. */
const longSegment = 192;

/**
 * About one segment per line, cut at the line's first safe place: that depends on the line's own text only, so an edit
 * changes the segments of its line and leaves all others as they were.
 */
export function segmentsOf(text: string): string[] {
  const segments: string[] = [];
  let start = 0;
  for (let line = 0; line < text.length; ) {
    const newline = text.indexOf('\n', line);
    const end = newline < 0 ? text.length : newline;
    for (let cut = nextCut(text, line, end); cut > start; cut = nextCut(text, cut + longSegment, end)) {
      segments.push(text.slice(start, cut));
      start = cut;
    }
    line = end + 1;
  }
  if (start < text.length) segments.push(text.slice(start));
  return segments;
}

/** The first place after `from` and before `end` with a printable ASCII character before a space; 0 if none. */
function nextCut(text: string, from: number, end: number): number {
  if (from >= end) return 0;
  for (let at = text.indexOf(' ', from + 1); at > 0 && at < end; at = text.indexOf(' ', at + 1)) {
    const before = text.charCodeAt(at - 1);
    if (before > 0x20 && before < 0x7f) return at;
  }
  return 0;
}

/** A slice keeps its whole document in memory; a round trip through bytes does not. */
function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

const sample = [
  'import { a } from "b";\r\n\n\n  const x  = [1, 23, 456]; // it\'s, we\'ll\n',
  '\tif (a  &&\tb) {\n\t\treturn  `$ {c}  d`;\n\t}\n   \n\n} else   {  }\n',
  'def f(self, *args):\n    """Über – 日本語 texte, e\u0301 😀 ."""\n    return 3.14 * x ** 2 if y else None   \n',
  '<div class="a b">  x &amp; y </div> \n#  ----- \n$ a | b > c 2>&1 \n0x1F 1e-9 a_b aB AB 12 345\n',
].join('');

/** @param pairInToken whether some token that text can reach holds a printable character followed by a space */
export function cutsAreSafe(encode: Encode, pairInToken: boolean): boolean {
  if (pairInToken) return false;
  const whole = encode(sample);
  const cut = segmentsOf(sample).flatMap((segment) => encode(segment));
  const finest = everySafeCut(sample).flatMap((segment) => encode(segment));
  return sameIds(whole, cut) && sameIds(whole, finest);
}

function everySafeCut(text: string): string[] {
  return text.split(/(?<=[!-~])(?= )/);
}

function sameIds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id, i) => id === b[i]);
}
