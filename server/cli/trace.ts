import { CliFailure } from './failure';

export interface TracePosition {
  readonly line: number;
  readonly character: number;
}

export interface TraceChange {
  /** Left out: `text` is the whole new document. */
  readonly range?: { readonly start: TracePosition; readonly end: TracePosition };
  readonly text: string;
}

/** One line of a trace: what an editor tells a language server, in order. */
export type TraceEvent =
  | { readonly open: { readonly uri: string; readonly languageId: string; readonly text: string } }
  | { readonly change: { readonly uri: string; readonly changes: readonly TraceChange[] } }
  /** Lines from 0 that somebody looked at. */
  | { readonly viewed: { readonly uri: string; readonly first: number; readonly last: number } }
  | { readonly complete: { readonly uri: string; readonly position: TracePosition } }
  | { readonly close: { readonly uri: string } };

/** @throws CliFailure naming the line and what is wrong with it */
export function parseTraceLine(line: string, where: string): TraceEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (error) {
    throw new CliFailure(`${where} is not JSON; write one object per line.`, { cause: error });
  }
  const problem = problemOf(event);
  if (problem !== undefined) throw new CliFailure(`${where} is not a trace event: ${problem}.`);
  return event as TraceEvent;
}

function problemOf(event: unknown): string | undefined {
  if (!isRecord(event)) return 'it is not an object';
  const names = Object.keys(event);
  const name = names[0];
  const body = name === undefined ? undefined : event[name];
  if (
    names.length !== 1 ||
    name === undefined ||
    !['open', 'change', 'viewed', 'complete', 'close'].includes(name)
  ) {
    return 'it must have exactly one of open, change, viewed, complete, close';
  }
  if (!isRecord(body) || typeof body.uri !== 'string') return `${name} needs a uri`;
  if (name === 'open' && (typeof body.languageId !== 'string' || typeof body.text !== 'string')) {
    return 'open needs languageId and text';
  }
  if (name === 'change' && !(Array.isArray(body.changes) && body.changes.every(isChange))) {
    return 'change needs changes, each with a text and an LSP range of whole numbers from 0';
  }
  if (name === 'viewed' && !(isIndex(body.first) && isIndex(body.last)))
    return 'viewed needs first and last, whole numbers from 0';
  if (name === 'complete' && !isPosition(body.position))
    return 'complete needs a position of whole numbers from 0';
  return undefined;
}

function isChange(value: unknown): value is TraceChange {
  if (!isRecord(value) || typeof value.text !== 'string') return false;
  const { range } = value;
  return range === undefined || (isRecord(range) && isPosition(range.start) && isPosition(range.end));
}

function isPosition(value: unknown): value is TracePosition {
  return isRecord(value) && isIndex(value.line) && isIndex(value.character);
}

function isIndex(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
