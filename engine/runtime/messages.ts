/** What the engine's two sides say to each other across the worker border: plain data only. */
import type { Completion, CompletionRequest, ScoreRequest } from '../completion';
import type { ScoredToken } from '../decode/uncertainty/threshold';
import type { ErrorCode } from '../errors';
import type { MonitorAnswer, MonitorQuestion } from '../monitor';
import type { EngineInfo, EngineOptions } from './engine';

export interface WorkerData {
  readonly options: EngineOptions;
  /** Most rows of a pass on a GPU, by its self-test. */
  readonly rowsPerPass: number | undefined;
  /** See flags.ts. */
  readonly flags: SharedArrayBuffer;
}

export type ToWorker =
  | {
      readonly type: 'complete';
      readonly id: number;
      readonly request: CompletionRequest;
      /** Whether somebody answers the questions of its monitors. */
      readonly isWatched: boolean;
      /** Whether somebody wants to see the text while it is written. */
      readonly isFollowed: boolean;
      /** By `now()`: the message may wait behind a forward pass, and that counts too. */
      readonly sentAt: number;
    }
  | { readonly type: 'prepare'; readonly request: CompletionRequest }
  | { readonly type: 'told'; readonly question: number; readonly answer: MonitorAnswer }
  | { readonly type: 'refresh'; readonly id: number; readonly session: string }
  | { readonly type: 'score'; readonly id: number; readonly request: ScoreRequest }
  | { readonly type: 'threshold'; readonly threshold: number }
  | { readonly type: 'forget'; readonly session: string }
  | { readonly type: 'dispose' };

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

export type FromWorker =
  | { readonly type: 'ready'; readonly info: EngineInfo }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'completion'; readonly id: number; readonly completion: Completion }
  /** What the completion `id` has come to so far. */
  | { readonly type: 'written'; readonly id: number; readonly text: string }
  /** A question of the completion `id`. */
  | {
      readonly type: 'asked';
      readonly id: number;
      readonly question: number;
      readonly about: MonitorQuestion;
    }
  /** Its answer is no longer needed. */
  | { readonly type: 'dropped'; readonly question: number }
  /** Another window has changed it for all. */
  | { readonly type: 'threshold'; readonly threshold: number }
  | { readonly type: 'refreshed'; readonly id: number; readonly stale: number }
  | { readonly type: 'scored'; readonly id: number; readonly tokens: readonly ScoredToken[] }
  | { readonly type: 'rejected'; readonly id: number; readonly failure: Failure };

/**
 * Milliseconds on a clock that all threads of a process share: each counts `performance.now()` from its own start. Two
 * processes have no such clock: theirs drift apart when the machine sleeps or its clock is set.
 */
export const now = () => performance.timeOrigin + performance.now();

/** A message of another process, by the clock of this one. */
export const arrived = (message: ToWorker): ToWorker =>
  message.type === 'complete' ? { ...message, sentAt: now() } : message;
