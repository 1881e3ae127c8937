import type { SelectedSuggestion } from './caret';
import type { Position } from './guards';
import type { CompletionResult } from './result';

/** A request that has been answered: what the trace and the statistics are made of. */
export interface FinishedRequest {
  /** Counted from 1 in each server. */
  readonly number: number;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  readonly uri: string;
  readonly languageId: string;
  /** Of the document, when it was asked. */
  readonly version: number;
  readonly position: Position;
  /** The suggestion that was selected in the editor's list, if there was one. */
  readonly selected?: SelectedSuggestion | undefined;
  /** By typing; otherwise somebody asked. */
  readonly isAutomatic: boolean;
  /** Entropy in nats from which on the model counts as unsure; absent where there was no engine. */
  readonly threshold?: number | undefined;
  readonly result: CompletionResult;
}
