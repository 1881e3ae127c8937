import { randomIntegers } from '../../cli/eval/random';
import type { TraceChange, TraceEvent, TracePosition } from '../../cli/trace';
import { deletion, type Edit, insertion, paste, pick, type Random, rename } from './edits';
import { applyEdits, inverse, linesOf, mapOffset, positionAt, type TextEdit, toTraceChanges } from './text';

export const editKinds = [
  'jump',
  'typing',
  'insertion',
  'deletion',
  'rename',
  'paste',
  'undo',
  'redo',
] as const;
export type EditKind = (typeof editKinds)[number];

/** What happens between two requests, and where the next one is made. */
export interface EditStep {
  readonly kind: EditKind;
  /** Change events one after another, as an editor sends them. */
  readonly changes: readonly (readonly TraceChange[])[];
  readonly caret: TracePosition;
  /** The document then. */
  readonly text: string;
}

export interface EditTrace {
  readonly uri: string;
  readonly languageId: string;
  readonly text: string;
  readonly steps: readonly EditStep[];
}

export interface TraceSource {
  readonly uri: string;
  readonly languageId: string;
  /** What the document holds in the end, were it not for the other edits. */
  readonly text: string;
  /** Other code, for what is inserted and pasted. */
  readonly donor: string;
}

/** Lines that are typed anew, each with a jump to it. */
interface Site {
  at: number;
  rest: string;
}

/** Between two requests a fast typist types so many characters at most. */
const longestBurst = 3;
const sitesPerTrace = 40;
/** By how often they are made. */
const otherEdits: readonly (readonly [EditKind, Edit])[] = [
  ['insertion', insertion],
  ['insertion', insertion],
  ['insertion', insertion],
  ['deletion', deletion],
  ['deletion', deletion],
  ['rename', rename],
  ['paste', paste],
];

/**
 * An editing session: lines whose ends are missing are gone to one after another and finished character by character,
 * and in between something changes elsewhere (every third time it is taken back, and half of those times made again).
 * The same source, seed and length give the same trace.
 */
export function generateTrace(source: TraceSource, seed: number, steps: number): EditTrace {
  const random = randomIntegers(seed);
  const { text: start, sites } = withoutLineEnds(source.text, random);
  const made: EditStep[] = [];
  let text = start;
  let site: Site | undefined;

  const caret = () => site?.at ?? 0;
  const record = (kind: EditKind, changes: TraceChange[][]) =>
    made.push({ kind, changes, caret: positionAt(text, caret()), text });
  const change = (edits: readonly TextEdit[]): TraceChange[] => {
    const changes = toTraceChanges(text, edits);
    text = applyEdits(text, edits);
    for (const each of sites) {
      // A line that is deleted is not finished any more.
      if (edits.some(({ at, remove }) => at < each.at && each.at < at + remove)) each.rest = '';
      each.at = mapOffset(each.at, edits);
    }
    return changes;
  };
  const elsewhere = () => {
    const [kind, edit] = pick(otherEdits, random) ?? ['deletion', deletion];
    const edits = edit({ text, caret: caret() }, source.donor, random);
    if (edits === undefined) return;
    const undo = inverse(text, edits);
    record(kind, [change(edits)]);
    if (random(3) > 0) return;
    const redo = inverse(text, undo);
    record('undo', [change(undo)]);
    if (random(2) > 0) record('redo', [change(redo)]);
  };
  const typeOn = ({ rest }: Site) => {
    const burst = [...rest].slice(0, 1 + random(longestBurst));
    const changes = burst.map((character) => {
      const edits = [{ at: caret(), remove: 0, insert: character }];
      return change(edits);
    });
    if (site !== undefined) site.rest = rest.slice(burst.join('').length);
    record('typing', changes);
  };

  while (made.length < steps) {
    if (site === undefined || site.rest === '') {
      site = nextSite(sites, site, random);
      if (site === undefined) break;
      record('jump', []);
    } else if (random(4) === 0) elsewhere();
    else typeOn(site);
  }
  return { uri: source.uri, languageId: source.languageId, text: start, steps: made.slice(0, steps) };
}

/** The trace as `slipstream replay` reads it: a request after each step. */
export function traceEvents({ uri, languageId, text, steps }: EditTrace): TraceEvent[] {
  return [
    { open: { uri, languageId, text } },
    ...steps.flatMap(({ changes, caret }): TraceEvent[] => [
      ...changes.map((change) => ({ change: { uri, changes: change } })),
      { complete: { uri, position: caret } },
    ]),
    { close: { uri } },
  ];
}

function withoutLineEnds(text: string, random: Random): { text: string; sites: Site[] } {
  const candidates = linesOf(text).filter(({ text: line }) => /^\s+[^\s*/].{16,}$/.test(line));
  const chosen = new Set(Array.from({ length: sitesPerTrace }, () => pick(candidates, random)));
  const cuts = candidates.flatMap((line) => {
    if (!chosen.has(line)) return [];
    const indent = line.text.length - line.text.trimStart().length;
    const at = line.start + indent + 4 + random(Math.max(1, line.text.length - indent - 8));
    return [{ at, remove: line.end - at, insert: '' }];
  });
  const sites = cuts.map(({ at, remove }) => ({
    at: mapOffset(
      at,
      cuts.filter((cut) => cut.at < at),
    ),
    rest: text.slice(at, at + remove),
  }));
  return { text: applyEdits(text, cuts), sites };
}

/** Mostly the unfinished line that is nearest, as somebody works who has a part of a file in hand. */
function nextSite(sites: readonly Site[], from: Site | undefined, random: Random): Site | undefined {
  const open = sites.filter(({ rest }) => rest !== '');
  if (from === undefined || random(4) === 0) return pick(open, random);
  return [...open].sort((a, b) => Math.abs(a.at - from.at) - Math.abs(b.at - from.at))[0];
}
