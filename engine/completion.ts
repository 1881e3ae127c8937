/** What the engine is asked for and what it answers: plain data that crosses the worker border. */

import type { MonitoredPlace, MonitorOptions } from './monitor';

/** A piece of text from elsewhere that goes before the file's own window in the prompt. */
export interface ContextSnippet {
  /** Path shown to the model where its prompt format has file names. */
  readonly path: string;
  readonly text: string;
}

export type CompletionMode = 'line' | 'block';

export interface CompletionRequest {
  /** Which KV cache to continue: one per document, its URI. */
  readonly session: string;
  /** Text before the caret. The engine takes the window that fits; the caller may clip far-away text. */
  readonly prefix: string;
  /** Text after the caret. */
  readonly suffix: string;
  /** Most stable first. */
  readonly context: readonly ContextSnippet[];
  /** `line` ends at the first line break, `block` where the scope that the caret is in ends. */
  readonly mode: CompletionMode;
  /** At most this many new tokens. */
  readonly maxTokens: number;
  /** Milliseconds from the arrival of the request after which what is there is returned. */
  readonly deadlineMs: number;
  /** Milliseconds after which a block ends with the line it is in: a short answer now beats a long one late. */
  readonly lineDeadlineMs: number;
  /** Techniques switched off for this request (each is lossless or declared: see the README). */
  readonly without: readonly Technique[];
  /** What an edit leaves of the KV cache; `pie` where left out. */
  readonly reuse?: ReuseMode;
  /** How a copy is looked up; `longest` where left out. */
  readonly copyRule?: CopyRule;
  /** Texts that are not in the prompt and may be copied from, the most likely first. */
  readonly copySources?: readonly CopySource[];
  /** How tokens are chosen; `adaptive` where left out, `greedy` where that technique is off. */
  readonly decoding?: DecodingMode;
  /** Entropy in nats from which on the model counts as unsure; the one learned for the model where left out. */
  readonly threshold?: number;
  /** Other parameters of the lookahead, to compare. */
  readonly lookahead?: Partial<LookaheadParameters>;
  /**
   * The completion ends where the probability that the model gives to all of it falls below this, or earlier where that saves
   * more keys on average (`worthiestPart`). With 0, or where left out, all is given.
   */
  readonly leastConfidence?: number;
  /** Whether to decode the alternatives to their ends; otherwise just those are given that happen to have one. */
  readonly finishAlternatives?: boolean;
  /** What watches over the text; nothing where left out, where that technique is off, or where nobody answers. */
  readonly monitors?: MonitorOptions;
}

/** A text and where it stands: how well does the model see it coming? */
export interface ScoreRequest {
  readonly prefix: string;
  readonly suffix: string;
  /** What stands between them; at most half of what the model can see. */
  readonly text: string;
}

/**
 * `greedy`; `adaptive`: looks ahead where the model is unsure (AdaDec, arXiv 2506.08980). For comparison: `beam` search
 * with three hypotheses, and `infill`, the stop rule of llama.cpp's sampler of that name.
 */
export const decodingModes = ['adaptive', 'greedy', 'beam', 'infill'] as const;
export type DecodingMode = (typeof decodingModes)[number];

export interface LookaheadParameters {
  /** Most likely tokens that are tried: B of the paper. */
  readonly candidates: number;
  /** Tokens that each of them is followed for: L of the paper. */
  readonly depth: number;
  /** Candidates with less than this share of the best one's probability are not tried; 0 tries all. */
  readonly leastShare: number;
  /** Whether a rollout ends with its line. */
  readonly endsAtNewline: boolean;
  /**
   * `published`: the mean log-probability of candidate and rollout. `candidate`: that of the candidate plus the mean of the
   * rollout, so that it weighs as much as all that may follow.
   */
  readonly weighting: 'published' | 'candidate';
  /** The winner's rollout is proposed as a draft: the same tokens, in fewer passes. */
  readonly splice: boolean;
}

/**
 * What is done with cached rows behind an edit: encoded anew (`recompute`), moved with their keys rotated to the new
 * position (`pie`, arXiv 2407.03157), or moved as they are (`splice`: that paper's baseline, only for comparison).
 */
export const reuseModes = ['pie', 'splice', 'recompute'] as const;
export type ReuseMode = (typeof reuseModes)[number];

/** `longest`: the longest suffix match; `copyspec`: the rule of arXiv 2502.08923 as its authors published it. */
export const copyRules = ['longest', 'copyspec'] as const;
export type CopyRule = (typeof copyRules)[number];

export interface CopySource {
  /** Of one id the engine keeps the latest version. */
  readonly id: string;
  readonly version: number;
  readonly text: string;
}

export const techniques = ['kv', 'copy', 'adaptive', 'monitor', 'healing'] as const;
/** `kv` is the reuse of cached rows; the others are named after the technique's own file. */
export type Technique = (typeof techniques)[number];

/** Why decoding ended. */
export type StopReason =
  | 'end-token'
  | 'suffix-reached'
  | 'scope-left'
  | 'line-end'
  | 'repetition'
  | 'broken-character'
  | 'low-confidence'
  | 'forced-off'
  | 'max-tokens'
  | 'context-full'
  | 'deadline'
  | 'cancelled';

/** Who proposed a committed token; the model has confirmed it in every case. */
export type TokenSource = 'model' | 'copy' | 'lookahead';

export interface TokenTrace {
  readonly text: string;
  /** Natural logarithm of the model's probability of this token. */
  readonly logprob: number;
  /** Shannon entropy of the distribution it was chosen from, in nats. */
  readonly entropy: number;
  readonly source: TokenSource;
  /** Whether a constraint masked part of the vocabulary here. */
  readonly constrained: boolean;
  /** What the model would have written, where monitors forbid it. */
  readonly instead?: string;
}

/** Tokens of this prompt by what was done for them: `kept + shifted + encoded` is the prompt's length. */
export interface CacheUse {
  readonly kept: number;
  readonly shifted: number;
  readonly encoded: number;
  /** Those of `encoded` that the request ended before; absent where there are none. */
  readonly missing?: number;
  /** Reused rows whose left context has changed since they were encoded. */
  readonly stale: number;
  /** Why rows that were there could not be reused, in one sentence; absent where nothing stood in the way. */
  readonly fallback?: string;
}

export interface Timings {
  /** From the request to the plan of its prompt: also what it waited for others. */
  readonly promptMs: number;
  readonly prefillMs: number;
  /** Without alternatives, which only `totalMs` counts. */
  readonly decodeMs: number;
  readonly monitorMs: number;
  readonly totalMs: number;
}

/** A part of a prompt; the format's own marks stand between them. */
export interface PromptSegment {
  /** `context` is what other files say, and the name of this one. */
  readonly kind: 'context' | 'prefix' | 'suffix';
  readonly tokens: number;
  /** Characters at the far end that had no room; absent for the context. */
  readonly omitted?: number;
  /** Of the context: tokens of each snippet that had room, in the order of the request. Those behind them had none. */
  readonly snippets?: readonly number[];
}

/** What looking ahead did. */
export interface LookaheadUse {
  /** Places where the model was unsure and more than one way was followed. */
  readonly pauses: number;
  /** Passes that rollouts took. */
  readonly forwards: number;
  /** Where another token was taken than the most likely one: which of the tokens, and the text of that one. */
  readonly changes: readonly { readonly at: number; readonly instead: string }[];
}

/** The engine's raw answer, before the server's post-processing. */
export interface Completion {
  /** What goes in at the caret. */
  readonly text: string;
  /** What stands before the caret already and was written again, so that a token could begin there: the tokens have it. */
  readonly typed: string;
  readonly alternatives: readonly string[];
  readonly stopReason: StopReason;
  readonly tokens: readonly TokenTrace[];
  readonly cache: CacheUse;
  readonly forwards: number;
  readonly drafted: number;
  readonly accepted: number;
  readonly rollbacks: number;
  /** Loops that decoding fell into and left again. */
  readonly loopsLeft: number;
  readonly lookahead: LookaheadUse;
  /** Where static analysis was asked, in the order of its answers. */
  readonly monitored: readonly MonitoredPlace[];
  /** Share of the probability that its restrictions left, over all tokens; 1 where there were none. */
  readonly kept: number;
  /** Tokens of the prompt that showed other files, and the name of this one. */
  readonly contextTokens: number;
  /** The parts of the prompt that are not empty, as the model read them; not there where nobody wrote them down. */
  readonly segments?: readonly PromptSegment[];
  readonly timings: Timings;
  readonly device: string;
  readonly model: string;
}
