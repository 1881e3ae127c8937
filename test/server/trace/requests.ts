import type { Completion, TokenTrace } from '../../../engine/index';
import type { FinishedRequest } from '../../../server/completion/finished';

export const token = (text: string, probability: number, more: Partial<TokenTrace> = {}): TokenTrace => ({
  text,
  logprob: Math.log(probability),
  entropy: 0.5,
  source: 'model',
  constrained: false,
  ...more,
});

export const completionOf = (tokens: readonly TokenTrace[], more: Partial<Completion> = {}): Completion => ({
  text: tokens.map(({ text }) => text).join(''),
  typed: '',
  alternatives: [],
  stopReason: 'line-end',
  tokens,
  cache: { kept: 1200, shifted: 30, encoded: 4, stale: 2 },
  forwards: 3,
  drafted: 4,
  accepted: 2,
  rollbacks: 1,
  loopsLeft: 0,
  lookahead: { pauses: 0, forwards: 0, changes: [] },
  monitored: [],
  kept: 1,
  contextTokens: 0,
  segments: [
    { kind: 'suffix', tokens: 234, omitted: 0 },
    { kind: 'prefix', tokens: 998, omitted: 4321 },
  ],
  timings: { promptMs: 0.21, prefillMs: 12, decodeMs: 30.04, monitorMs: 5, totalMs: 42.3 },
  device: 'cpu',
  model: 'default (int8)',
  ...more,
});

export const requestOf = (completion: Completion, more: Partial<FinishedRequest> = {}): FinishedRequest => ({
  number: 7,
  at: new Date(2026, 0, 2, 3, 4, 5, 678).getTime(),
  uri: 'file:///work/my%20cart.ts',
  languageId: 'typescript',
  version: 12,
  position: { line: 9, character: 4 },
  isAutomatic: true,
  threshold: 2,
  result: {
    kind: 'shown',
    source: 'fresh',
    text: completion.text,
    alternatives: completion.alternatives,
    completion,
    totalMs: 43,
  },
  ...more,
});
