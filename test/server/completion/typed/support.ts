import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Completion, StopReason } from '../../../../engine/index';
import { type Place, placeOf } from '../../../../server/completion/complete';
import type { CompletionResult } from '../../../../server/completion/result';
import { defaultSettings } from '../../../../server/protocol';

/** The place between two texts, as the server sees it. */
export function placeBetween(before: string, after: string): Place {
  const document = TextDocument.create('file:///a.ts', 'typescript', 1, before + after);
  const place = placeOf(document, document.positionAt(before.length), defaultSettings, {});
  if ('reason' in place) throw new Error(place.message);
  return place;
}

/** What the engine says of a completion besides its text. */
export const completion = (text: string, stopReason: StopReason = 'line-end'): Completion => ({
  text,
  typed: '',
  alternatives: [],
  stopReason,
  tokens: [],
  cache: { kept: 0, shifted: 0, encoded: 1, stale: 0 },
  forwards: 1,
  drafted: 0,
  accepted: 0,
  rollbacks: 0,
  loopsLeft: 0,
  lookahead: { pauses: 0, forwards: 0, changes: [] },
  monitored: [],
  kept: 1,
  contextTokens: 0,
  segments: [],
  timings: { promptMs: 0, prefillMs: 0, decodeMs: 0, monitorMs: 0, totalMs: 0 },
  device: 'cpu',
  model: 'default',
});

export function shown(
  text: string,
  alternatives: readonly string[] = [],
  stopReason?: StopReason,
): CompletionResult {
  return {
    kind: 'shown',
    source: 'fresh',
    text,
    alternatives,
    completion: completion(text, stopReason),
    totalMs: 1,
  };
}

export const nothing = (): CompletionResult => ({
  kind: 'empty',
  reason: 'nothing-generated',
  message: 'The model had nothing to add here.',
  totalMs: 1,
});
