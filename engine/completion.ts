/** What the engine is asked for and what it answers: plain data that crosses the worker border. */

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
}

/** Tokens of this prompt by what was done for them: `kept + shifted + encoded` is the prompt's length. */
export interface CacheUse {
  readonly kept: number;
  readonly shifted: number;
  readonly encoded: number;
  /** Reused rows whose left context has changed since they were encoded. */
  readonly stale: number;
  /** Why rows that were there could not be reused, in one sentence; absent where nothing stood in the way. */
  readonly fallback?: string;
}

export interface Timings {
  readonly promptMs: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  readonly monitorMs: number;
  readonly totalMs: number;
}

/** The engine's raw answer, before the server's post-processing. */
export interface Completion {
  readonly text: string;
  readonly alternatives: readonly string[];
  readonly stopReason: StopReason;
  readonly tokens: readonly TokenTrace[];
  readonly cache: CacheUse;
  readonly forwards: number;
  readonly drafted: number;
  readonly accepted: number;
  readonly rollbacks: number;
  readonly timings: Timings;
  readonly device: string;
  readonly model: string;
}
